import { access, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartError } from '../../errors.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'there is a file in its place',
  ENOENT: 'no folder can be created there',
  ENOSPC: 'the disk is full',
}

/**
 * Creates the data directory if necessary.
 * @throws StartError when nothing can be written there; the message names DATA_DIR.
 */
export async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await createFolder(dataDir)
    await access(dataDir, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    throw new StartError(
      `The data directory ${dataDir} cannot be used: ${reasons[code] ?? message} (${code}). Set DATA_DIR to a folder that the server may write to. It is not needed with DATABASE_URL, ACCESS_TOKEN_SECRETS and REFRESH_TOKEN_SECRETS.`,
      { cause },
    )
  }
}

/** Node's own recursive creation never ends below /proc, and hides the cause on a read-only file system. */
async function createFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return null
    },
  )
  if (isFolder === true) return
  if (isFolder === null && folder !== dirname(folder)) await createFolder(dirname(folder))
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Another process may have created it in the meantime.
    if (error.code !== 'EEXIST' || isFolder === false) throw error
  })
}
