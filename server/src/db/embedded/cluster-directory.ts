import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { closedDirectory, createAccessible, createSharedDirectory, inaccessible } from './shared-directory.ts'

/**
 * The directory for the cluster of a data directory: the data directory itself if Postgres' user can enter it, otherwise a
 * new one in the shared directory. The file `postgres-place` in the data directory then contains its path.
 * @throws Error when neither can be used.
 */
export async function clusterDirectory(dataDir: string): Promise<string> {
  const note = join(dataDir, 'postgres-place')
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim()
  if (noted !== '') return noted
  const closed = await closedDirectory(dataDir)
  if (closed === null) return dataDir
  // This cluster was created when the directory was accessible. An empty one in its place would hide its data.
  if (existsSync(join(dataDir, 'postgres'))) throw inaccessible(closed)
  const directory = join(await createSharedDirectory(closed), `data-${randomUUID()}`)
  await createAccessible(directory)
  await writeFile(note, `${directory}\n`)
  return directory
}
