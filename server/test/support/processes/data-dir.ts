import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Creates a folder that the user of Postgres can enter even when the tests run as root. */
export async function newDataDir(what: string): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), `silent-refresh-${what}-`))
  await chmod(dataDir, 0o755)
  return dataDir
}
