import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartError } from '../../errors.ts'

/**
 * Postgres refuses to run as root, so it runs as a separate user, who cannot enter a directory such as /root.
 * What that user needs is then kept here.
 */
const SHARED_DIRECTORY = '/var/lib/silent-refresh'

/**
 * Creates the directory that every user may enter.
 * @param closed the directory that makes it necessary
 * @throws Error when it cannot be created; the message says what else to do.
 */
export async function createSharedDirectory(closed: string, directory = SHARED_DIRECTORY): Promise<string> {
  try {
    await createAccessible(directory)
    return directory
  } catch (cause) {
    throw inaccessible(closed, cause)
  }
}

/** As root: the nearest directory on the path that another user cannot enter. Null when there is none. */
export async function closedDirectory(path: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return null
  for (let directory = path; ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & 0o001) === 0) return directory
    if (directory === dirname(directory)) return null
  }
}

/** Creates a directory that every user may enter, whatever the umask. */
export async function createAccessible(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await chmod(directory, 0o755)
}

export function inaccessible(closed: string, cause?: unknown): StartError {
  return new StartError(
    `Postgres cannot run as root, and its own user cannot enter ${closed}. Allow it (chmod o+x ${closed}), set another DATA_DIR, or set DATABASE_URL.`,
    { cause },
  )
}
