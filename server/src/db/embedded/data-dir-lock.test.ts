import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { DataDirInUseError, lockDataDir } from './data-dir-lock.ts'

let dataDir: string
const started: ChildProcess[] = []
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'silent-refresh-lock-'))
})
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(dataDir, { recursive: true })
})

const where = existsSync('/proc/self/stat') ? describe : describe.skip

where('a data directory', () => {
  it('cannot be locked while its owner is running', async () => {
    const unlock = await lockDataDir(dataDir)
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError)
    await unlock()
    await (await lockDataDir(dataDir))()
  })

  it('can be locked when its owner is a zombie process', async () => {
    const pid = await makeZombie()
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    await writeFile(join(dataDir, 'owner.json'), JSON.stringify({ pid, startedAt }))
    await (await lockDataDir(dataDir))()
  })
})

/** Creates a killed process whose parent, by now a `sleep`, never reaps it. */
async function makeZombie(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sh -c "read line" <&3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  started.push(parent)
  const [line] = await once(parent.stdout as NodeJS.ReadableStream, 'data')
  const pid = Number(line)
  // Until it becomes `sleep`, the parent is a shell, which would reap the child.
  while ((await readFile(`/proc/${parent.pid}/comm`, 'utf8')) !== 'sleep\n') await new Promise(setImmediate)
  process.kill(pid, 'SIGKILL')
  while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate)
  return pid
}
