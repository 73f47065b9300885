import { randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartError } from './errors.ts'

const schema = z.object({ access: z.string().min(32), refresh: z.string().min(32) })

/**
 * Signing secrets for development. They are generated once and stored in the data directory, readable only by its owner, so
 * that a restart does not sign users out. Servers that start at the same time agree on one set.
 * @param dataDir must exist.
 */
export async function developmentSecrets(dataDir: string): Promise<Readonly<z.output<typeof schema>>> {
  const file = join(dataDir, 'secrets.json')
  const fresh = { access: randomBytes(48).toString('base64'), refresh: randomBytes(48).toString('base64') }
  const mine = `${file}.${randomUUID()}`
  await writeFile(mine, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 })
  try {
    await link(mine, file) // atomic; fails when secrets already exist
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(mine)
  }
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new StartError(
      `${file} does not contain valid secrets. Remove it to generate new ones, which ends all sessions.`,
      { cause },
    )
  }
}
