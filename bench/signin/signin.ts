import { setTimeout as sleep } from 'node:timers/promises'
import { operations } from '../../server/test/support/test-client.ts'
import { openConnection } from '../load/connection.ts'
import { postRequest } from '../load/requests.ts'
import { isSuccess } from '../load/run-load.ts'
import { milliseconds, percentile, rate, ratio } from '../measure/format.ts'
import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { startOurServer } from '../processes/our-server.ts'
import { password, type SignedIn, signUp } from '../processes/people.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import { eventLoopDelay } from './event-loop-delay.ts'
import { PAUSE_MS, presentation, READERS, SIGN_INS_AT_ONCE } from './presentation.ts'
import { signInTiming } from './sign-in-timing.ts'

export const signin: Group = { name: 'signin', title: presentation.title, run }

async function run(options: RunOptions): Promise<Section> {
  const durationMs = options.quick ? 1_500 : 15_000
  const postgres = await startBenchPostgres(null)
  const databaseUrl = await postgres.createDatabase('sessions')
  const { url } = await startOurServer(undefined, { DATABASE_URL: databaseUrl })
  const readers: SignedIn[] = []
  for (let index = 0; index < READERS; index += 1) readers.push(await signUp(url))

  const phase = async (name: string, during: (isOver: () => boolean) => Promise<number>) => {
    options.progress(name)
    await eventLoopDelay(url) // the delay is counted from here
    const start = performance.now()
    const isOver = () => performance.now() - start > durationMs
    const [signIns, ...took] = await Promise.all([
      during(isOver),
      ...readers.map((reader) => read(url, reader, isOver)),
    ])
    const delay = await eventLoopDelay(url)
    return { latencies: took.flat(), delay, signInsPerSecond: (signIns * 1_000) / durationMs }
  }
  const nobody = async () => 0
  await phase('warm-up', nobody)
  const idle = await phase('idle', nobody)
  const busy = await phase('sign-ins without pause', (isOver) =>
    signInWithoutPause(url, readers[0]?.email ?? '', isOver),
  )

  const row = (name: string, { latencies, delay, signInsPerSecond }: typeof idle) => [
    name,
    ...[0.5, 0.99].map((share) => milliseconds(percentile(latencies, share))),
    milliseconds(delay.meanMs),
    milliseconds(delay.p99Ms),
    rate(signInsPerSecond),
  ]
  const times = (of: number, to: number) => ratio(of / to)
  const p99 = [busy, idle].map(({ latencies }) => percentile(latencies, 0.99)) as [number, number]
  const p50 = [busy, idle].map(({ latencies }) => percentile(latencies, 0.5)) as [number, number]
  return {
    title: signin.title,
    tables: [
      {
        columns: ['', '`me`, median', '`me`, p99', 'event-loop delay, mean', 'p99', 'sign-ins a second'],
        rows: [
          row('idle', idle),
          row('sign-ins without pause', busy),
          ['ratio', times(...p50), times(...p99), '', '', ''],
        ],
      },
      { title: 'Sign-ins that fail', ...(await signInTiming(url, readers[0]?.email ?? '', options)) },
    ],
  }
}

/** Asks for `me` with pauses. @returns the time of each answer, in milliseconds; infinite when it was an error */
async function read(url: string, { accessToken }: SignedIn, isOver: () => boolean): Promise<number[]> {
  const connection = await openConnection(url)
  const request = postRequest(
    `${url}/graphql`,
    JSON.stringify({ query: '{ me { id username email role createdAt } }' }),
    {
      authorization: `Bearer ${accessToken}`,
    },
  )
  const took: number[] = []
  try {
    while (!isOver()) {
      const start = performance.now()
      const isAnswered = isSuccess(await connection.send(request))
      took.push(isAnswered ? performance.now() - start : Number.POSITIVE_INFINITY)
      await sleep(PAUSE_MS)
    }
  } finally {
    connection.close()
  }
  return took
}

/** Some may be shed (PROTOCOL.md, S21). @returns how many succeeded */
async function signInWithoutPause(url: string, email: string, isOver: () => boolean): Promise<number> {
  const signIn = async (worker: number) => {
    const connection = await openConnection(url)
    // Each on its own device, whose session every sign-in replaces.
    const input = { email, password, appId: 'bench', deviceId: `device-${worker}` }
    const request = postRequest(`${url}/graphql`, JSON.stringify({ query: operations.login, variables: { input } }))
    let done = 0
    try {
      while (!isOver()) if (isSuccess(await connection.send(request))) done += 1
    } finally {
      connection.close()
    }
    return done
  }
  const counts = await Promise.all(Array.from({ length: SIGN_INS_AT_ONCE }, (_, worker) => signIn(worker)))
  return counts.reduce((sum, count) => sum + count, 0)
}
