import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const schema = z.object({ access: z.string().min(32), refresh: z.string().min(32) })

/**
 * Secrets for development: made once and kept in the data directory, readable by its owner only, so that a restart signs
 * nobody out. Two starts at once agree on those of the first.
 */
export async function developmentSecrets(dataDir: string): Promise<{ access: string; refresh: string }> {
  const file = join(dataDir, 'secrets.json')
  await mkdir(dataDir, { recursive: true })
  const fresh = { access: randomBytes(48).toString('base64'), refresh: randomBytes(48).toString('base64') }
  const mine = `${file}.${randomUUID()}`
  await writeFile(mine, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 })
  try {
    await link(mine, file) // appears whole, or not at all when there are some already
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(mine)
  }
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new Error(`${file} is not readable as secrets; remove it to make new ones (which ends all sessions).`, {
      cause,
    })
  }
}
