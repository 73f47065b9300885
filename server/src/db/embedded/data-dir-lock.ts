import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../../errors.ts'

/** The process that holds the lock. `startedAt` distinguishes it from a later process with the same id. */
interface Owner {
  readonly pid: number
  readonly startedAt: string | null
}

/** A running process holds the lock on the data directory. */
export class DataDirInUseError extends StartError {
  constructor(dataDir: string, pid: number) {
    super(
      `The data directory ${dataDir} is in use by process ${pid}. Stop that server first, set another DATA_DIR, or set DATABASE_URL to share one database.`,
    )
  }
}

/**
 * Locks the data directory for this process. Takes over the lock of a process that died, for example by `kill -9`.
 * @returns a function that releases the lock.
 * @throws DataDirInUseError when a running process holds the lock.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'owner.json')
  const mine = join(dataDir, `owner.${randomUUID()}.json`)
  const content = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Owner)
  await writeFile(mine, content)
  try {
    for (;;) {
      try {
        await link(mine, file) // fails if the file exists, so only one of two processes succeeds
        return () => unlink(file).catch(() => {})
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = await readFile(file, 'utf8').catch(() => null)
      if (found === null) continue // released in the meantime
      const owner = parse(found)
      if (owner !== null && (await isAlive(owner))) {
        throw new DataDirInUseError(dataDir, owner.pid)
      }
      await removeIfStill(file, found)
    }
  } finally {
    await unlink(mine).catch(() => {})
  }
}

/** Removes the lock of a dead process, unless another process has replaced it in the meantime. */
async function removeIfStill(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== content) await link(aside, file).catch(() => {})
  await unlink(aside)
}

function parse(content: string): Owner | null {
  try {
    return JSON.parse(content) as Owner
  } catch {
    return null
  }
}

async function isAlive({ pid, startedAt }: Owner): Promise<boolean> {
  return isRunning(pid) && (await startOf(pid)) === startedAt
}

/** Also true for a process of another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process started, in clock ticks of the kernel; null if it has ended. Empty on a system without /proc, so that only
 * the process id counts.
 */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is a name in parentheses that may contain anything. The start time is the 20th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie: it has ended and holds nothing but its process id.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '')
}
