import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder, which Postgres' own user may enter too when the tests run as root. */
export async function newDataDir(what: string): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), `silent-refresh-${what}-`))
  await chmod(dataDir, 0o755)
  return dataDir
}
