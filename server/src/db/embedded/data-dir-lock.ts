import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Says who holds the data directory; `startedAt` tells a process from a later one of the same number. */
interface Owner {
  pid: number
  startedAt: string | null
}

/** A living process holds the data directory. */
export class DataDirInUseError extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `The data directory ${dataDir} is in use by process ${pid}. Stop that server first, or give this one another DATA_DIR, or a DATABASE_URL to share one database.`,
    )
    this.name = 'DataDirInUseError'
  }
}

/**
 * Takes the data directory for this process, or fails when a living process holds it. The lock of a process that died,
 * by `kill -9` for example, is taken over.
 * @returns what gives it back.
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'owner.json')
  const mine = join(dataDir, `owner.${randomUUID()}.json`)
  const content = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Owner)
  await writeFile(mine, content)
  try {
    for (;;) {
      try {
        await link(mine, file) // fails where the name is taken: of two at once only one gets it
        return () => unlink(file).catch(() => {})
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = await readFile(file, 'utf8').catch(() => null)
      if (found === null) continue // given back just now
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

/** Removes the lock of the dead, unless somebody else was quicker and it is a living one's by now. */
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

/** True also for a process of another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process began, in the kernel's ticks; null for one that is over. Empty where the system does not say, so that the
 * number decides alone.
 */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is a name in parentheses that may hold anything; the start is the 20th behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Killed, and not yet fetched by its parent: it has let go of everything but its number.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '')
}
