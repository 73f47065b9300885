import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from '@jest/globals'

const root = join(import.meta.dirname, '../..')

/** Where, and what may not be imported there. */
const refused = [
  ['server/src/core', '../db/data-source.ts'],
  ['server/src/core', '../graphql/context.ts'],
  ['server/src/core', '../http/server.ts'],
  ['server/src/core', '../config.ts'],
  ['server/src/core', 'typeorm'],
  ['server/src/core', 'graphql'],
  ['server/src/core', 'fastify'],
  ['server/src/graphql', '../db/data-source.ts'],
  ['server/src/graphql', '../http/server.ts'],
  ['server/src/graphql/resolvers', '../../db/data-source.ts'],
  ['server/src/graphql', 'typeorm'],
  ['server/src/db', '../graphql/context.ts'],
  ['server/src/db/entities', '../../http/server.ts'],
  ['server/src/db', '../app.ts'],
  ['server/src/db', 'graphql'],
  ['server/src/http', '../db/data-source.ts'],
  ['server/src/http', 'typeorm'],
  ['server/src/workers', '../db/data-source.ts'],
  ['client/src/session', '../browser/browser-ports.ts'],
  ['client/src/session', '../transport/graphql-transport.ts'],
  ['client/src/session', 'vue'],
  ['client/src/session', '@apollo/client/core/index.js'],
  ['client/src/browser', '../session/ports.ts'],
  ['client/src/browser', '../vue/index.ts'],
  ['client/src/transport', '../browser/browser-ports.ts'],
  ['client/src/transport', '@apollo/client/core/index.js'],
  ['client/src/graphql-ws', '../apollo/attempt.ts'],
  ['client/src/fetch', '../browser/browser-ports.ts'],
  ['client/src/apollo', '../vue/index.ts'],
  ['client/src/apollo', '../app/main.ts'],
  ['client/src/apollo', 'vue'],
  ['client/src/vue', '../app/main.ts'],
  ['client/src/vue', '../playground/main.tsx'],
  ['client/src/vue', '../session/machine.ts'],
] as const

const allowed = [
  ['server/src/core', './clock.ts'],
  ['server/src/core', '../errors.ts'],
  ['server/src/core', 'node:crypto'],
  ['server/src/graphql', '../core/sessions/session-service.ts'],
  ['server/src/db', '../core/sessions/session-store.ts'],
  ['server/src/http', '../graphql/context.ts'],
  ['server/src', './db/data-source.ts'],
  ['client/src/session', './ports.ts'],
  ['client/src/browser', '../session/index.ts'],
  ['client/src/apollo', '../transport/graphql-errors.ts'],
  ['client/src/vue', '../apollo/silent-refresh-link.ts'],
  ['client/src/app', '../vue/index.ts'],
] as const

// One folder with our rules and a file for each import, so that one run of the linter answers for all.
const folder = await mkdtemp(join(tmpdir(), 'silent-refresh-arrows-'))
const fileOf = (where: string, module: string) => `${where}/imports-${module.replace(/\W+/g, '-')}.ts`
let reported: Set<string>

beforeAll(async () => {
  await copyFile(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const [where, module] of [...refused, ...allowed]) {
    const file = join(folder, fileOf(where, module))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `export type { anything } from '${module}'\n`)
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = ['lint', '--vcs-enabled=false', '--only=style/noRestrictedImports', '--reporter=json']
  const { stdout } = await promisify(execFile)(process.execPath, [biome, ...args, '--max-diagnostics=none', '.'], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error) // it ends with 1 when it finds something
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { location: { path: string } }[] }
  reported = new Set(diagnostics.map(({ location }) => location.path.replaceAll('\\', '/')))
})
afterAll(() => rm(folder, { recursive: true }))

it.each(refused)('%s may not import %s', (where, module) => {
  expect(reported).toContain(fileOf(where, module))
})

it.each(allowed)('%s may import %s', (where, module) => {
  expect(reported).not.toContain(fileOf(where, module))
})
