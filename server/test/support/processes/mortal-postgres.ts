import { rm } from 'node:fs/promises'
import { startEmbeddedPostgres } from '../../../src/db/embedded/embedded-postgres.ts'
import { newDataDir } from './data-dir.ts'
import { postgresOf } from './server-process.ts'

/** A Postgres for one test, which can stop it without affecting other tests. */
export interface MortalPostgres {
  url: string
  /** The id of its main process; 0 while it is down. */
  pid(): number
  /** An immediate shutdown: cuts the connections and writes nothing, so that the next start has to recover. */
  stopAtOnce(): Promise<void>
  /** Starts on the same address. */
  startAgain(): Promise<void>
  remove(): Promise<void>
}

/** @param settings By default nothing waits for the disk: the operating system stays up and keeps committed data. */
export async function startMortalPostgres(
  settings: Record<string, string> = { fsync: 'off' },
): Promise<MortalPostgres> {
  const dataDir = await newDataDir('mortal')
  let postgres = await startEmbeddedPostgres({ dataDir, settings })
  const { url } = postgres
  const pid = () => postgresOf(dataDir) ?? 0
  return {
    ...{ url, pid },
    async stopAtOnce() {
      process.kill(pid(), 'SIGQUIT')
      await postgres.stop()
    },
    async startAgain() {
      postgres = await startEmbeddedPostgres({ dataDir, settings, port: Number(new URL(url).port) })
    },
    async remove() {
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
