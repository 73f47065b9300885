import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import pg from 'pg'
import { ask, type Family, isEnd, liveHonestly, useOnce, type World } from './support/honest-client.ts'
import { somebody } from './support/people.ts'
import { instanceEnv } from './support/processes/instances.ts'
import { type MortalPostgres, startMortalPostgres } from './support/processes/mortal-postgres.ts'
import { endAllServerProcesses } from './support/processes/server-process.ts'
import { type SupervisedInstance, superviseInstance } from './support/processes/supervised-instance.ts'
import { createRandom, type Random } from './support/random.ts'
import { createTestClient, operations } from './support/test-client.ts'

/** The seed decides which client does what and when; how that interleaves depends on the machine. */
const SEED = 20_261_125
const RUN_MS = Number(process.env.CHAOS_SECONDS ?? 15) * 1_000
const CLIENTS = 50

let postgres: MortalPostgres
let instances: SupervisedInstance[]
beforeAll(async () => {
  postgres = await startMortalPostgres()
  const env = instanceEnv(postgres.url, {
    // A client retries a lost answer when the database is back, which can be later than the default of ten seconds and
    // would then count as reuse, as PROTOCOL.md says. The grace period here is longer than any outage of the run.
    REFRESH_GRACE_PERIOD: '10m',
    // No token expires during the run, so every refusal has another reason.
    ACCESS_TOKEN_TTL: '30m',
  })
  instances = [superviseInstance(env), superviseInstance(env)]
  await Promise.all(instances.map((instance) => instance.up()))
})
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.stop()))
  endAllServerProcesses()
  await postgres.remove()
})

it('S7, S8, S15, S23: loses no honest session and answers no ended one through crashes, outages and token theft', async () => {
  const random = createRandom(SEED)
  let isOver = false
  const world: World = {
    somewhere: (by) => by.pick(instances).url(),
    isOver: () => isOver,
    families: [],
    findings: { refreshes: 0, answersLost: 0, troubled: 0, sessionsLost: [], endedAnswered: [], unexpected: [] },
  }
  const { families, findings } = world

  const calm = createTestClient(await anyUrl())
  const people = Array.from({ length: CLIENTS }, () => somebody())
  for (const person of people) await calm.register(person)
  const admin = await createAdmin()

  const playing = Promise.all([
    ...people.map((person, i) => liveHonestly(world, random.fork(i), person)),
    revokeNowAndThen(world, random.fork(1_001), admin),
    stealNowAndThen(world, random.fork(1_002)),
    tryEndedOnes(world, random.fork(1_003)),
  ])
  const until = performance.now() + RUN_MS
  // Longer on a machine so slow that too little has happened by then.
  const isEnough = () =>
    performance.now() > until && ['revoked', 'robbed'].every((fate) => families.some((family) => family.fate === fate))
  const disrupted = disrupt(random.fork(1_004), isEnough).finally(() => {
    isOver = true
  })
  const [faults] = await Promise.all([disrupted, playing])
  await Promise.all(families.map((family) => giveItsDue(world, family)))

  const robbed = families.filter(({ fate }) => fate === 'robbed')
  const alarms = await alarmsTold()
  const falseAlarms = alarms.filter((id) => !robbed.some(({ sessionId }) => sessionId === id))
  process.stderr.write(
    `chaos of ${RUN_MS / 1_000} s: ${families.length} sessions, ${findings.refreshes} refreshes, ` +
      `${findings.answersLost} answers lost, ${findings.troubled} times trouble, ${JSON.stringify(faults)}, ` +
      `${families.filter(({ fate }) => fate === 'revoked').length} revoked, ${robbed.length} robbed: ` +
      `sessions lost ${findings.sessionsLost.length}, false alarms ${falseAlarms.length}, ` +
      `revoked answered ${findings.endedAnswered.length}\n`,
  )
  expect(findings).toMatchObject({ sessionsLost: [], endedAnswered: [], unexpected: [] })
  expect(falseAlarms).toEqual([])
  expect(alarms).toHaveLength(robbed.length) // each theft was detected, and reported once
  expect(instances.flatMap(({ crashes }) => crashes)).toEqual([])
  expect(findings.refreshes).toBeGreaterThan(0)
})

/** After the run: both instances must accept an honest session and refuse an ended one. */
async function giveItsDue(world: World, family: Family): Promise<void> {
  const { findings } = world
  for (const instance of instances) {
    const url = instance.url()
    const used = await ask(url, operations.me, {}, family.accessToken)
    const refreshed = await ask(url, operations.refreshToken, { refreshToken: family.refreshTokens.at(-1) })
    for (const answer of [used, refreshed]) {
      if (answer === null) findings.unexpected.push(`${family.sessionId}: no answer in the calm`)
      else if (!isEnd(world, family, answer) && family.fate !== 'honest') findings.endedAnswered.push(family.sessionId)
    }
    const successor: string | undefined = refreshed?.body.data?.refreshToken?.refreshToken
    if (successor !== undefined) family.refreshTokens.push(successor)
  }
}

const anyUrl = async () => (await instances[0]?.up()) ?? ''

async function untilReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(50)
}

async function onPostgres<T extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return (await client.query<T>(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** Registers an admin. @returns the access token */
async function createAdmin(): Promise<string> {
  const { email, password, ...person } = somebody()
  const client = createTestClient(await anyUrl())
  await client.register({ ...person, email, password })
  await onPostgres(`UPDATE users SET role = 'ADMIN' WHERE email = $1`, [email])
  return (await client.login({ email, password })).accessToken
}

const alarmsTold = async () =>
  (
    await onPostgres<{ id: string }>(`SELECT session_id AS id FROM security_events WHERE type = 'REFRESH_TOKEN_REUSED'`)
  ).map(({ id }) => id)

/** Injects faults, each kind at least once, until `isEnough`, then waits for recovery. @returns the counts by kind */
async function disrupt(random: Random, isEnough: () => boolean): Promise<Record<string, number>> {
  const faults = {
    async killed() {
      const instance = random.pick(instances)
      await instance.kill()
      if (random.chance(0.7)) await instance.up() // otherwise the next fault hits it while it starts
    },
    async postgresStopped() {
      await postgres.stopAtOnce()
      await sleep(random.whole(0, 800))
      await postgres.startAgain()
    },
    async listenersCut() {
      await onPostgres(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'silent-refresh feed'`,
      )
    },
    async connectionsCut() {
      await onPostgres(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'silent-refresh'`,
      )
    },
  }
  const counts: Record<string, number> = {}
  const kinds = Object.entries(faults)
  for (let turn = 0; turn < kinds.length || !isEnough(); turn += 1) {
    await sleep(random.whole(300, 1_200))
    const [kind, make] = kinds[turn % kinds.length] ?? random.pick(kinds)
    await make()
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  for (const instance of instances) await untilReady(await instance.up())
  return counts
}

/** Repeats a request until the server confirms it: a lost answer may have been a success or a failure. */
async function insist(askOnce: () => Promise<boolean>): Promise<void> {
  while (!(await askOnce())) await sleep(50)
}

/** Ends sessions, by sign-out or by an admin. */
async function revokeNowAndThen(world: World, random: Random, admin: string): Promise<void> {
  while (!world.isOver()) {
    await sleep(random.whole(200, 600))
    const living = world.families.filter(({ fate }) => fate === 'honest')
    if (living.length === 0) continue
    const family = random.pick(living)
    family.fate = 'revoked'
    const revocation = random.chance(0.5)
      ? () => ask(world.somewhere(random), operations.logout, { refreshToken: family.refreshTokens[0] })
      : () =>
          ask(
            world.somewhere(random),
            'mutation ($id: ID!) { revokeUserSessions(userId: $id) }',
            { id: family.userId },
            admin,
          )
    await insist(async () => {
      const answer = await revocation()
      return answer?.body.data != null
    })
    family.endedAt = performance.now()
  }
}

/** Presents tokens that were spent at least two rotations ago, which no honest client does. */
async function stealNowAndThen(world: World, random: Random): Promise<void> {
  while (!world.isOver()) {
    await sleep(random.whole(300, 900))
    const worthwhile = world.families.filter(({ fate, refreshTokens }) => fate === 'honest' && refreshTokens.length > 2)
    if (worthwhile.length === 0) continue
    const family = random.pick(worthwhile)
    family.fate = 'robbed'
    const refreshToken = family.refreshTokens[random.whole(0, family.refreshTokens.length - 3)]
    await insist(async () => {
      const answer = await ask(world.somewhere(random), operations.refreshToken, { refreshToken })
      if (answer?.body.data != null) world.findings.unexpected.push(`${family.sessionId}: a thief was answered`)
      return answer !== null && isEnd(world, family, answer)
    })
    family.endedAt = performance.now()
  }
}

/** Keeps using the last access tokens of ended sessions. */
async function tryEndedOnes(world: World, random: Random): Promise<void> {
  while (!world.isOver()) {
    await sleep(random.whole(10, 60))
    const over = world.families.filter(({ endedAt }) => endedAt !== undefined)
    if (over.length === 0) continue
    const family = random.pick(over)
    const answer = await useOnce(world, family, world.somewhere(random))
    if (answer !== null) isEnd(world, family, answer)
  }
}
