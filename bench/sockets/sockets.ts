import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSocket, type TestSocket } from '../../server/test/support/test-socket.ts'
import { megabytes, whole } from '../measure/format.ts'
import { residentBytes } from '../measure/memory.ts'
import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { startOurServer } from '../processes/our-server.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import { presentation, SETTLE_MS, SOCKETS_PER_SESSION } from './presentation.ts'
import { signInMany } from './sign-in-many.ts'

export const sockets: Group = { name: 'sockets', title: presentation.title, run }

/** How many are opened at once: opening more would only fill the server's queue. */
const AT_ONCE = 50

async function run(options: RunOptions): Promise<Section> {
  const wanted = options.quick ? 200 : 10_000
  const postgres = await startBenchPostgres(null)
  const databaseUrl = await postgres.createDatabase('sessions')
  const secret = randomBytes(48).toString('base64')
  const env = { DATABASE_URL: databaseUrl, ACCESS_TOKEN_SECRETS: `bench:${secret}` }
  const { url, process } = await startOurServer(undefined, env)
  const tokens = await signInMany(databaseUrl, secret, wanted / SOCKETS_PER_SESSION)
  const opened: TestSocket[] = []
  try {
    // The first sockets load code; they are not counted.
    for (let index = 0; index < 20; index += 1) await (await open(url, tokens[0] ?? '')).close()
    const before = await settledBytes(process.pid)
    const failure = await openAll(opened, wanted, (index) => open(url, tokens[index % tokens.length] ?? ''), options)
    const connected = await settledBytes(process.pid)
    options.progress(`${whole(opened.length)} sockets are open`)
    await Promise.all(opened.map((socket) => socket.subscribe('subscription { securityEvent { id type at } }')))
    const subscribed = await settledBytes(process.pid)
    const row = (what: string, bytes: number) => [
      what,
      megabytes(bytes),
      megabytes(bytes - before),
      `${whole((bytes - before) / opened.length / 1_024)} kB`,
    ]
    return {
      title: sockets.title,
      tables: [
        {
          columns: ['', 'resident memory', `for ${whole(opened.length)} sockets`, 'for one'],
          rows: [
            ['no sockets', megabytes(before), '', ''],
            row(`${whole(opened.length)} authenticated sockets`, connected),
            row('each with a subscription', subscribed),
          ],
        },
      ],
      circumstances: [...(failure === null ? [] : [`No more could be opened: ${failure}`])],
    }
  } finally {
    for (const { socket } of opened) socket.terminate()
  }
}

async function open(url: string, token: string): Promise<TestSocket> {
  const socket = await openSocket(url, token)
  socket.closed.catch(() => {})
  const { type } = await socket.next()
  if (type !== 'connection_ack') throw new Error(`A socket was answered ${type}.`)
  return socket
}

/** Opens sockets until there are enough or one fails. @returns why it failed, or null */
async function openAll(
  opened: TestSocket[],
  wanted: number,
  create: (index: number) => Promise<TestSocket>,
  { progress }: RunOptions,
): Promise<string | null> {
  while (opened.length < wanted) {
    const batch = Array.from({ length: Math.min(AT_ONCE, wanted - opened.length) }, (_, index) =>
      create(opened.length + index),
    )
    const settled = await Promise.allSettled(batch)
    opened.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
    const failed = settled.find((one) => one.status === 'rejected')
    if (failed !== undefined) return String(failed.reason)
    if (opened.length % 2_000 === 0) progress(`${whole(opened.length)} sockets`)
  }
  return null
}

/** The memory of a process once it has had time to collect garbage. */
async function settledBytes(pid: number): Promise<number> {
  await sleep(SETTLE_MS)
  return residentBytes(pid)
}
