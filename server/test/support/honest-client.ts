import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'
import { type Answer, createTestClient, operations, refusal, type Tokens } from './test-client.ts'

/** One session as those outside the server know it. */
export interface Family {
  sessionId: string
  userId: string
  accessToken: string
  /** Every refresh token its client was given, the one it holds last. */
  refreshTokens: string[]
  /** What was done to it. Only an honest one has a right to live. */
  fate: 'honest' | 'revoked' | 'robbed'
  /** When the server said that it is over, on the clock of `performance.now()`. */
  endedAt?: number
}

/** What a run has seen. The lists have to be empty at its end. */
export interface Findings {
  refreshes: number
  answersLost: number
  troubled: number
  /** Sessions that ended and had a right to live. */
  sessionsLost: string[]
  /** Answers of ended sessions, given longer after their end than an instance can be behind. */
  endedAnswered: string[]
  /** Whatever else no client should ever see. */
  unexpected: string[]
}

export interface World {
  /** Where one of the instances is; undefined while that one is down. */
  somewhere(random: Random): string | undefined
  isOver(): boolean
  families: Family[]
  findings: Findings
}

/** An instance hears of an end within milliseconds, or knows after this time that it may be behind. @see PROTOCOL.md S15 */
const BEHIND_AT_MOST_MS = 3_000

/** Asks one instance; null when no answer came. */
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

/** True when the session is known to be over; anything else that is no answer is noted. */
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

/** Uses an access token once. */
export async function useOnce(world: World, family: Family, url: string | undefined): Promise<Answer | null> {
  const sentAt = performance.now()
  const answer = await ask(url, operations.me, {}, family.accessToken)
  if (answer?.body.data?.me != null && sentAt > (family.endedAt ?? Number.POSITIVE_INFINITY) + BEHIND_AT_MOST_MS) {
    world.findings.endedAnswered.push(`${family.sessionId} (${family.fate}) on ${url}`)
  }
  return answer
}

/**
 * A client that keeps to the rules: it holds the last refresh token it was given, presents that one until an answer comes,
 * and ends its session only when the server says so. Some answers get lost, and some it does not wait for.
 */
export async function liveHonestly(
  world: World,
  random: Random,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const { findings } = world
  let family: Family | undefined
  /** What it no longer waits for, but what may still be under way. */
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

  /** Presents the held token until an answer is had, or the run is over; false when the session is over. */
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
      // Clients of the product refresh once a minute: whatever they gave up on has ended long before the next time.
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

  /** Every fifth answer is lost: half of them on the way, and half because the client no longer waits. */
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
