import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import config from '../.dependency-cruiser.mjs'

const root = join(import.meta.dirname, '..')

/** The rule, the importing file and an import that the rule refuses. */
const refused = [
  ['server-core', 'server/src/core/rotation.ts', '../db/data-source.ts'],
  ['server-core', 'server/src/core/rotation.ts', '../graphql/context.ts'],
  ['server-core', 'server/src/core/rotation.ts', '../http/server.ts'],
  ['server-core', 'server/src/core/rotation.ts', '../config.ts'],
  ['server-core', 'server/src/core/tokens/jwt.ts', '../../db/data-source.ts'],
  ['server-core', 'server/src/core/rotation.ts', 'typeorm'],
  ['server-core', 'server/src/core/rotation.ts', 'graphql'],
  ['server-core', 'server/src/core/rotation.ts', 'fastify'],
  ['server-core', 'server/src/core/rotation.ts', 'node:fs'],
  ['server-graphql', 'server/src/graphql/schema.ts', '../db/data-source.ts'],
  ['server-graphql', 'server/src/graphql/schema.ts', '../http/server.ts'],
  ['server-graphql', 'server/src/graphql/resolvers/devices.ts', '../../db/data-source.ts'],
  ['server-graphql', 'server/src/graphql/schema.ts', 'typeorm'],
  ['server-graphql', 'server/src/graphql/schema.ts', 'pg'],
  ['server-graphql', 'server/src/graphql/schema.ts', 'fastify'],
  ['server-db', 'server/src/db/migrate.ts', '../graphql/context.ts'],
  ['server-db', 'server/src/db/entities/user.ts', '../../http/server.ts'],
  ['server-db', 'server/src/db/migrate.ts', '../app.ts'],
  ['server-db', 'server/src/db/migrate.ts', 'graphql'],
  ['server-db', 'server/src/db/migrate.ts', '@apollo/server'],
  ['server-db', 'server/src/db/migrate.ts', 'fastify'],
  ['server-http', 'server/src/http/web-app.ts', '../db/data-source.ts'],
  ['server-http', 'server/src/http/web-app.ts', 'typeorm'],
  ['server-http', 'server/src/http/web-app.ts', 'pg'],
  ['server-rest', 'server/src/workers/bcrypt-pool.ts', '../db/data-source.ts'],
  ['server-rest', 'server/src/config.ts', './graphql/context.ts'],
  ['server-rest', 'server/src/errors.ts', './http/server.ts'],
  ['server-wiring', 'server/src/http/web-app.ts', '../app.ts'],
  ['server-wiring', 'server/src/config.ts', './main.ts'],
  ['client-session', 'client/src/session/session.ts', '../browser/web-storage.ts'],
  ['client-session', 'client/src/session/session.ts', '../transport/graphql-transport.ts'],
  ['client-session', 'client/src/session/session.ts', 'vue'],
  ['client-session', 'client/src/session/session.ts', '@apollo/client/core/index.js'],
  ['client-browser', 'client/src/browser/web-lock.ts', '../session/ports.ts'],
  ['client-browser', 'client/src/browser/web-lock.ts', '../vue/index.ts'],
  ['client-transport', 'client/src/transport/graphql-transport.ts', '../browser/web-storage.ts'],
  ['client-transport', 'client/src/transport/graphql-transport.ts', '@apollo/client/core/index.js'],
  ['client-graphql-ws', 'client/src/graphql-ws/silent-refresh-socket.ts', '../apollo/attempt.ts'],
  ['client-fetch', 'client/src/fetch/silent-refresh-fetch.ts', '../browser/web-storage.ts'],
  ['client-apollo', 'client/src/apollo/silent-refresh-link.ts', '../vue/index.ts'],
  ['client-apollo', 'client/src/apollo/silent-refresh-link.ts', '../app/main.ts'],
  ['client-apollo', 'client/src/apollo/silent-refresh-link.ts', '../transport/graphql-transport.ts'],
  ['client-apollo', 'client/src/apollo/silent-refresh-link.ts', 'vue'],
  ['client-inspector', 'client/src/inspector/log-lines.ts', '../vue/index.ts'],
  ['client-inspector', 'client/src/inspector/log-lines.ts', 'naive-ui'],
  ['client-vue', 'client/src/vue/plugin.ts', '../app/main.ts'],
  ['client-vue', 'client/src/vue/plugin.ts', '../playground/main.tsx'],
  ['client-vue', 'client/src/vue/plugin.ts', '../session/machine.ts'],
  ['client-index', 'client/src/index.ts', './vue/index.ts'],
  ['client-index', 'client/src/index.ts', './apollo/silent-refresh-link.ts'],
  ['client-index', 'client/src/index.ts', 'vue'],
  ['client-library', 'client/src/index.ts', './app/main.ts'],
  ['client-library', 'client/src/fetch/silent-refresh-fetch.ts', '../graphql/generated.ts'],
  ['client-library', 'client/src/playground/main.tsx', '../app/router.ts'],
  ['client-app', 'client/src/app/api/api-client.ts', '../../session/session.ts'],
  ['client-app', 'client/src/app/router.ts', '../playground/main.tsx'],
  ['app-feature', 'client/src/app/devices/DevicesView.vue', '../users/UserItem.vue'],
  ['app-feature', 'client/src/app/devices/DevicesView.vue', '../shell/AppHeader.vue'],
  ['app-feature', 'client/src/app/overview/components/TokenLifetime.vue', '../../security/use-security-log.ts'],
  ['app-feature', 'client/src/app/overview/components/TokenLifetime.vue', '../../router.ts'],
  ['app-shell', 'client/src/app/shell/AppHeader.vue', '../sign-in/this-device.ts'],
  ['app-api', 'client/src/app/api/api-client.ts', '../inspector/fault-injector.ts'],
  ['app-api', 'client/src/app/api/api-client.ts', '../ui/theme.ts'],
  ['app-ui', 'client/src/app/ui/FormField.vue', '../sign-in/this-device.ts'],
  ['app-ui', 'client/src/app/ui/FormField.vue', '../api/api-client.ts'],
  ['app-locales', 'client/src/app/locales/en.ts', '../ui/theme.ts'],
  ['server-to-client', 'server/src/app.ts', '../../client/src/index.ts'],
  ['server-to-client', 'server/test/support/test-client.ts', '../../../client/src/index.ts'],
  ['client-to-server', 'client/test/support/tabs.ts', '../../../server/src/errors.ts'],
  ['source-to-tests', 'server/src/app.ts', '../test/support/test-client.ts'],
  ['source-to-tests', 'client/src/vue/plugin.ts', './plugin.test.ts'],
  ['source-to-tests', 'server/src/app.ts', '../../bench/measure/format.ts'],
  ['source-to-tests', 'server/src/core/clock.ts', './clock.contract.ts'],
] as const

const allowed = [
  ['server/src/core/rotation.ts', './clock.ts'],
  ['server/src/core/rotation.ts', '../errors.ts'],
  ['server/src/core/rotation.ts', 'node:crypto'],
  ['server/src/graphql/schema.ts', '../core/rotation.ts'],
  ['server/src/db/migrate.ts', '../core/rotation.ts'],
  ['server/src/db/migrate.ts', 'typeorm'],
  ['server/src/http/web-app.ts', '../graphql/context.ts'],
  ['server/src/http/web-app.ts', '../config.ts'],
  ['server/src/app.ts', './http/server.ts'],
  ['server/src/create-core.ts', './db/data-source.ts'],
  ['server/src/main.ts', './app.ts'],
  ['client/src/session/session.ts', './ports.ts'],
  ['client/src/browser/web-lock.ts', '../session/index.ts'],
  ['client/src/apollo/silent-refresh-link.ts', '../transport/graphql-errors.ts'],
  ['client/src/vue/plugin.ts', '../apollo/silent-refresh-link.ts'],
  ['client/src/vue/plugin.ts', 'vue'],
  ['client/src/app/devices/DevicesView.vue', '../../vue/index.ts'],
  ['client/src/app/devices/DevicesView.vue', '../../graphql/generated.ts'],
  ['client/src/app/devices/DevicesView.vue', '../api/api-client.ts'],
  ['client/src/app/devices/DevicesView.vue', '../ui/FormField.vue'],
  ['client/src/app/devices/DevicesView.vue', './RenameDevice.vue'],
  ['client/src/app/overview/components/TokenLifetime.vue', '../OverviewView.vue'],
  ['client/src/app/shell/AppHeader.vue', '../router.ts'],
  ['client/src/app/router.ts', './devices/DevicesView.vue'],
] as const

/** Both imports of each cycle. */
const cycles = [
  ['server/src/core/keyring.ts', './refresh-token.ts'],
  ['server/src/core/refresh-token.ts', './keyring.ts'],
  ['client/src/app/users/UserItem.vue', './use-users.ts'],
  ['client/src/app/users/use-users.ts', './UserItem.vue'],
  ['server/test/support/test-client.ts', './test-socket.ts'],
  ['server/test/support/test-socket.ts', './test-client.ts'],
] as const

const imports = [...refused.map(([, file, module]) => [file, module] as const), ...allowed, ...cycles]
const targetOf = (file: string, module: string) =>
  module.startsWith('.') ? join(dirname(file), module) : module.replace('node:', '')

/** Writes a tree in which every file has the imports given for it, as imports of types. */
async function writeTree(folder: string) {
  const files = new Map<string, string[]>()
  for (const [file, module] of imports) {
    files.set(file, [...(files.get(file) ?? []), module])
    const target = targetOf(file, module)
    if (module.startsWith('.') && !files.has(target)) files.set(target, [])
  }
  for (const [file, modules] of files) {
    const code = modules.map((module) => `import type { Anything } from '${module}'\n`).join('')
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), file.endsWith('.vue') ? `<script setup lang="ts">\n${code}</script>\n` : code)
  }
}

interface Violation {
  readonly from: string
  readonly to: string
  readonly rule: { readonly name: string }
  readonly cycle?: readonly { readonly name: string }[]
}

let folder: string
let violations: readonly Violation[]

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'silent-refresh-arrows-')))
  await writeTree(folder)
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = ['--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'server', 'client']
  const { stdout } = await promisify(execFile)(process.execPath, [depcruise, ...args], {
    cwd: folder,
    maxBuffer: 1e8,
  }).catch((error: { stdout: string }) => error) // Its exit code is the number of violations.
  violations = (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations
})
afterAll(() => rm(folder, { recursive: true }))

const rulesBrokenBy = (file: string, module: string) =>
  violations.filter(({ from, to }) => from === file && to === targetOf(file, module)).map(({ rule }) => rule.name)

it.each(refused)('%s: %s may not import %s', (rule, file, module) => {
  expect(rulesBrokenBy(file, module)).toContain(rule)
})

it.each(allowed)('%s may import %s', (file, module) => {
  expect(rulesBrokenBy(file, module)).toEqual([])
})

it.each(cycles)('no-cycles: %s and %s may not import each other', (file, module) => {
  const members = violations
    .filter(({ rule }) => rule.name === 'no-cycles')
    .map(({ cycle }) => cycle?.map(({ name }) => name).sort())
  expect(members).toContainEqual([file, targetOf(file, module)].sort())
})

it('no-unused-files: reports a file that no entry reaches, and no other', () => {
  const unused = violations.filter(({ rule }) => rule.name === 'no-unused-files').map(({ from }) => from)
  expect(unused).toContain('server/src/workers/bcrypt-pool.ts')
  expect(unused).not.toContain('server/src/app.ts')
  expect(unused).not.toContain('server/src/http/server.ts')
})

it('shows an import that each rule refuses', () => {
  const shown = new Set<string | undefined>([...refused.map(([rule]) => rule), 'no-cycles', 'no-unused-files'])
  expect(config.forbidden?.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([])
})
