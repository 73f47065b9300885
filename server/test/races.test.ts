import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { somebody } from './support/people.ts'
import { type Instances, startTwoInstances } from './support/processes/instances.ts'
import { endAllServerProcesses } from './support/processes/server-process.ts'
import { createRandom, type Random } from './support/random.ts'
import { type Answer, createTestClient, operations, refusal, type Tokens } from './support/test-client.ts'

let database: TestDatabase
let instances: Instances
beforeAll(async () => {
  database = await createTestDatabase()
  instances = await startTwoInstances(database.url)
})
afterAll(async () => {
  await instances?.stop()
  endAllServerProcesses()
  await database.drop()
})

const ROUNDS = 200
const LANES = 5

interface Round {
  random: Random
  /** A client of a random instance. */
  anywhere(): ReturnType<typeof createTestClient>
  /** Runs both at nearly the same time; either may have a head start of a few milliseconds. */
  race<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]>
}

/** Plays many rounds, a few at a time, each with its own random choices. */
async function rounds(seed: number, play: (round: Round) => Promise<void>): Promise<void> {
  const lane = async (first: number) => {
    for (let number = first; number < ROUNDS; number += LANES) {
      const random = createRandom(seed).fork(number)
      await play({
        random,
        anywhere: () => createTestClient(random.pick(instances.urls)),
        race(one, other) {
          const aheadMs = random.whole(-4, 4)
          return Promise.all([sleep(Math.max(0, -aheadMs)).then(one), sleep(Math.max(0, aheadMs)).then(other)])
        },
      })
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
}

/** A race that always ends the same way proves nothing. */
function expectBothOrders(oneCameFirst: number): void {
  expect(oneCameFirst).toBeGreaterThan(ROUNDS / 20)
  expect(oneCameFirst).toBeLessThan(ROUNDS - ROUNDS / 20)
}

const refusedRefresh = { code: 'FORBIDDEN', reason: 'SESSION_REVOKED' }
const refusedAccess = { code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' }
const successorOf = (answer: Answer): Tokens | undefined => answer.body.data?.refreshToken

/** Once the end of a session is confirmed, both instances reject every token issued for it. */
async function expectOver({ random, anywhere }: Round, issued: readonly Tokens[]): Promise<void> {
  const { refreshToken } = random.pick(issued)
  expect(refusal(await anywhere().send(operations.refreshToken, { refreshToken }))).toEqual(refusedRefresh)
  for (const url of instances.urls) {
    // The instance that ended it knows at once; the other is notified within milliseconds and may answer until then.
    const client = createTestClient(url)
    const { accessToken } = random.pick(issued)
    const limit = performance.now() + 5_000
    let answer = refusal(await client.me(accessToken))
    while (answer === undefined && performance.now() < limit) answer = refusal(await client.me(accessToken))
    expect(answer).toEqual(refusedAccess)
  }
}

it('S14, S15: refresh against logout: rejects every token of the session afterwards, whichever comes first', async () => {
  let refreshedFirst = 0
  await rounds(1, async (round) => {
    const first = await round.anywhere().register(somebody())
    const [refreshed, ended] = await round.race(
      () => round.anywhere().send(operations.refreshToken, { refreshToken: first.refreshToken }),
      () => round.anywhere().logout(first.accessToken),
    )
    expect(ended.body).toEqual({ data: { logout: true } })
    const second = successorOf(refreshed)
    if (second === undefined) expect(refusal(refreshed)).toEqual(refusedRefresh)
    else refreshedFirst += 1
    await expectOver(round, second === undefined ? [first] : [first, second])
  })
  expectBothOrders(refreshedFirst)
})

it('S14: sign-in against password change: no session opened with the old password survives the change', async () => {
  const change = 'mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) }'
  let signedInFirst = 0
  await rounds(2, async (round) => {
    const person = somebody()
    const { email, password } = person
    const here = await round.anywhere().register(person)
    const [signedIn, changed] = await round.race(
      () => round.anywhere().send(operations.login, { input: { email, password } }),
      () => round.anywhere().send(change, { old: password, new: 'another long password' }, here.accessToken),
    )
    expect(changed.body).toEqual({ data: { changePassword: true } })
    const slippedIn: Tokens | undefined = signedIn.body.data?.login
    if (slippedIn === undefined) {
      expect(refusal(signedIn)).toEqual({ code: 'INVALID_CREDENTIALS' })
    } else {
      signedInFirst += 1
      await expectOver(round, [slippedIn])
    }
    await round.anywhere().refresh(here.refreshToken)
  })
  expectBothOrders(signedInFirst)
})

it('S14, S15: refresh against revocation by another device: ends the revoked session and keeps the other', async () => {
  const revocations = ['mutation ($id: ID!) { revokeSession(id: $id) }', 'mutation { revokeOtherSessions }'] as const
  let refreshedFirst = 0
  await rounds(3, async (round) => {
    const person = somebody()
    const { email, password } = person
    const lost = await round.anywhere().register(person)
    const here = await round.anywhere().login({ email, password })
    const [refreshed, revoked] = await round.race(
      () => round.anywhere().send(operations.refreshToken, { refreshToken: lost.refreshToken }),
      () => round.anywhere().send(round.random.pick(revocations), { id: lost.session.id }, here.accessToken),
    )
    expect(revoked.body.errors).toBeUndefined()
    const next = successorOf(refreshed)
    if (next === undefined) expect(refusal(refreshed)).toEqual(refusedRefresh)
    else refreshedFirst += 1
    await expectOver(round, next === undefined ? [lost] : [lost, next])
    await round.anywhere().refresh(here.refreshToken)
  })
  expectBothOrders(refreshedFirst)
})

it('S5, S7, S23: two instances that rotate one token cause one rotation and return one successor', async () => {
  const random = createRandom(4)
  let { refreshToken } = await createTestClient(instances.urls[0]).register(somebody())
  for (let round = 1; round <= ROUNDS; round += 1) {
    const racers = [...instances.urls, ...instances.urls].slice(0, random.whole(2, 4))
    const answers = await Promise.all(racers.map((url) => createTestClient(url).refresh(refreshToken)))
    const successors = [...new Set(answers.map((answer) => answer.refreshToken))]
    expect(successors).toHaveLength(1)
    refreshToken = successors[0] ?? null
    expect(generationOf(refreshToken)).toBe(round)
  }
})

function generationOf(token: string | null): number {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()).gen
}
