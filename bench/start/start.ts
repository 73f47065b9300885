import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { medianOf, megabytes, milliseconds } from '../measure/format.ts'
import { residentBytes } from '../measure/memory.ts'
import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { atTheEnd } from '../processes/clean-up.ts'
import { productionEnv } from '../processes/our-server.ts'
import { freePort, startPinnedProcess } from '../processes/pinned-process.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import { IDLE_MS, presentation, ROUNDS, rows } from './presentation.ts'

export const start: Group = { name: 'start', title: presentation.title, run }

interface Start {
  readonly tookMs: number
  /** Resident memory a few seconds later, in bytes. */
  readonly bytes: number
}

async function run({ quick, progress }: RunOptions): Promise<Section> {
  const rounds = quick ? 1 : ROUNDS
  const kinds: Record<string, Start[]> = { first: [], later: [], production: [] }
  const postgres = await startBenchPostgres(null)
  const production = productionEnv({ DATABASE_URL: await postgres.createDatabase('sessions') })
  await startOnce(production, 0) // its tables
  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}`)
    const dataDir = await mkdtemp(join(tmpdir(), 'silent-refresh-bench-start-'))
    await chmod(dataDir, 0o755) // Postgres has its own user when the benchmark runs as root
    const removed = atTheEnd(() => rm(dataDir, { recursive: true, force: true }))
    kinds.first?.push(await startOnce({ DATA_DIR: dataDir }, 0))
    kinds.later?.push(await startOnce({ DATA_DIR: dataDir }, quick ? 500 : IDLE_MS))
    kinds.production?.push(await startOnce(production, quick ? 500 : IDLE_MS))
    await removed()
  }
  const row = (what: string, starts: readonly Start[] = [], hasMemory = true) => [
    what,
    milliseconds(medianOf(starts.map(({ tookMs }) => tookMs))),
    hasMemory ? megabytes(medianOf(starts.map(({ bytes }) => bytes))) : '',
  ]
  return {
    title: start.title,
    tables: [
      {
        columns: ['From built files', 'until ready', 'idle memory'],
        rows: [
          row(rows.first, kinds.first, false),
          row(rows.later, kinds.later),
          row(rows.production, kinds.production),
        ],
      },
    ],
  }
}

/** As in the script `start` of the server. */
const preloaded = ['compile-cache', 'preload-env-file'].flatMap((name) => ['--import', `./dist/start/${name}.mjs`])

/** Starts the server as `npm start` does after its build, and stops it. */
async function startOnce(env: Readonly<Record<string, string>>, idleMs: number): Promise<Start> {
  const port = await freePort()
  const since = performance.now()
  const server = startPinnedProcess(['--enable-source-maps', ...preloaded, 'dist/main.js'], {
    core: undefined,
    cwd: join(import.meta.dirname, '../../server'),
    env: { PORT: String(port), SHUTDOWN_GRACE: '1s', ...env },
  })
  await server.answers(`http://127.0.0.1:${port}/readyz`)
  const tookMs = performance.now() - since
  await sleep(idleMs)
  const bytes = residentBytes(server.pid)
  await server.stop()
  return { tookMs, bytes }
}
