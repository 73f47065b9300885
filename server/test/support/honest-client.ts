import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'
import { type Answer, createTestClient, operations, refusal, type Tokens } from './test-client.ts'

/** A session as seen from outside the server. */
export interface Family {
  sessionId: string
  userId: string
  accessToken: string
  /** Every refresh token its client has received, the current one last. */
  refreshTokens: string[]
  /** What has happened to it. Only an honest session must survive. */
  fate: 'honest' | 'revoked' | 'robbed'
  /** When the server confirmed that it has ended, on the clock of `performance.now()`. */
  endedAt?: number
}

/** The results of a run. The lists must be empty at its end. */
export interface Findings {
  refreshes: number
  answersLost: number
  troubled: number
  /** Honest sessions that have ended. */
  sessionsLost: string[]
  /** Answers to ended sessions, later after their end than an instance can lag behind. */
  endedAnswered: string[]
  /** Anything else that no client should ever see. */
  unexpected: string[]
}

export interface World {
  /** The URL of a random instance; undefined while that one is down. */
  somewhere(random: Random): string | undefined
  isOver(): boolean
  families: Family[]
  findings: Findings
}

/** An instance learns of an end within milliseconds, or knows after this time that it may lag. @see PROTOCOL.md S15 */
const MAX_LAG_MS = 3_000

/** Sends an operation to one instance. @returns null when no answer arrives */
export async function ask(
  url: string | undefined,
  query: string,
  variables: Record<string, unknown> = {},
  accessToken?: string,
): Promise<Answer | null> {
  if (url === undefined) return null
  return createTestClient(url)
    .send(query, variables, accessToken)
    .catch(() => null)
}

/** Returns true when the answer says that the session has ended; records any other refusal. */
export function isEnd(world: World, family: Family, answer: Answer): boolean {
  const refused = refusal(answer)
  if (refused?.code === 'SERVICE_UNAVAILABLE') {
    world.findings.troubled += 1
    return false
  }
  if (refused === undefined) return false
  const text = `${family.sessionId} (${family.fate}): ${JSON.stringify(refused)}`
  const ended = ['SESSION_REVOKED', 'REFRESH_TOKEN_REUSED'].includes(String(refused.reason))
  if (!ended) world.findings.unexpected.push(text)
  else if (family.fate === 'honest') world.findings.sessionsLost.push(text)
  return ended
}

/** Uses the access token once. */
export async function useOnce(world: World, family: Family, url: string | undefined): Promise<Answer | null> {
  const sentAt = performance.now()
  const answer = await ask(url, operations.me, {}, family.accessToken)
  if (answer?.body.data?.me != null && sentAt > (family.endedAt ?? Number.POSITIVE_INFINITY) + MAX_LAG_MS) {
    world.findings.endedAnswered.push(`${family.sessionId} (${family.fate}) on ${url}`)
  }
  return answer
}

/**
 * A client that follows the rules: it keeps the last refresh token it received, presents it until an answer arrives,
 * and ends its session only when the server says so. Some answers are lost, and some it does not wait for.
 */
export async function liveHonestly(
  world: World,
  random: Random,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const { findings } = world
  let family: Family | undefined
  /** Requests it no longer waits for, which may still be running. */
  let abandoned: Promise<unknown> = Promise.resolve()

  async function signIn(): Promise<Family | undefined> {
    const answer = await ask(world.somewhere(random), operations.login, { input: { email, password } })
    if (answer === null) return undefined
    const tokens: Tokens | undefined = answer.body.data?.login
    if (tokens === undefined) {
      if (refusal(answer)?.code !== 'SERVICE_UNAVAILABLE') findings.unexpected.push(JSON.stringify(answer.body))
      return undefined
    }
    const { accessToken, refreshToken, session, user } = tokens
    const signedIn: Family = {
      ...{ sessionId: session.id, userId: user.id, accessToken, fate: 'honest' },
      refreshTokens: [refreshToken ?? ''],
    }
    world.families.push(signedIn)
    return signedIn
  }

  /** Presents the current token until an answer arrives or the run ends. @returns false when the session has ended */
  async function refresh(family: Family): Promise<boolean> {
    const refreshToken = family.refreshTokens.at(-1)
    const successors = new Set<string>()
    for (let attempt = 1; !world.isOver(); attempt += 1) {
      const sent = ask(world.somewhere(random), operations.refreshToken, { refreshToken })
      const seen = sent.then((answer) => {
        const successor: string | undefined = answer?.body.data?.refreshToken?.refreshToken
        if (successor !== undefined) successors.add(successor)
      })
      abandoned = Promise.all([abandoned, seen])
      const answer = await underway(sent)
      if (answer !== null && isEnd(world, family, answer)) return false
      const tokens: Tokens | undefined = answer?.body.data?.refreshToken
      if (tokens === undefined) {
        await sleep(random.whole(20, 200))
        continue
      }
      // Real clients refresh once a minute, so an abandoned request finishes long before the next refresh.
      await abandoned
      if (attempt > 1) await sleep(500)
      if (successors.size > 1) findings.unexpected.push(`${family.sessionId} has ${successors.size} successors`)
      findings.refreshes += 1
      family.refreshTokens.push(tokens.refreshToken ?? '')
      family.accessToken = tokens.accessToken
      break
    }
    return true
  }

  /** Loses every fifth answer: half of them in transit, and half because the client no longer waits. */
  async function underway(sent: Promise<Answer | null>): Promise<Answer | null> {
    if (random.chance(0.8)) return sent
    findings.answersLost += 1
    await (random.chance(0.5) ? sent : sleep(random.whole(0, 10)))
    return null
  }

  while (!world.isOver()) {
    await sleep(random.whole(20, 300))
    family ??= await signIn()
    if (family === undefined) continue
    if (random.chance(0.5)) {
      const answer = await useOnce(world, family, world.somewhere(random))
      if (answer !== null && isEnd(world, family, answer)) family = undefined
    } else if (!(await refresh(family))) {
      family = undefined
    }
  }
  await abandoned
}
