import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { cleanUp, JEST, pack, project, ROOT, run, typeErrors } from './support/packed.ts'

const PEERS = Object.fromEntries(
  ['@apollo/client', 'graphql', 'graphql-ws', 'uplot', 'vue', '@types/node', 'undici-types'].map((name) => [
    name,
    name,
  ]),
)
const APOLLO_4 = { ...PEERS, '@apollo/client': 'apollo-client-4', rxjs: 'rxjs' }
const APOLLOS = [
  ['3', PEERS],
  ['4', APOLLO_4],
] as const
const ENTRIES = ['', '/core', '/apollo', '/fetch', '/graphql-ws', '/vue', '/inspector']
const STRICT = {
  strict: true,
  skipLibCheck: false,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'DOM.Iterable', 'ESNext.Disposable', 'ESNext.AsyncIterable'],
  types: ['node'],
  outDir: 'out',
}

describe('the package, packed and installed in an empty project', () => {
  let tarball: string
  beforeAll(async () => {
    tarball = await pack()
  })
  afterAll(cleanUp)

  /** A project that contains the consumer, with its own compiler options. */
  async function consumer(options: object, peers = PEERS, type?: 'commonjs'): Promise<string> {
    const folder = await project(tarball, peers, type)
    const code = await readFile(join(import.meta.dirname, 'fixtures/consumer.ts'), 'utf8')
    // CommonJS programs require Apollo Client by its folders.
    const apollo = type === 'commonjs' ? '@apollo/client/core' : '@apollo/client/core/index.js'
    await writeFile(join(folder, 'consumer.ts'), code.replace('@apollo/client/core/index.js', apollo))
    const tsconfig = { compilerOptions: { ...STRICT, ...options }, files: ['consumer.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    return folder
  }

  /** Runs the compiled consumer. */
  async function expectItRuns(folder: string): Promise<void> {
    const { stdout } = await run(process.execPath, [join(folder, 'out/consumer.js')])
    const [result, reason] = stdout.trim().split('\n')
    expect(JSON.parse(result as string)).toEqual({
      first: 'access-0',
      seen: ['Bearer access-0', 'Bearer access-1'],
      status: 200,
      refreshes: 1,
      signedIn: true,
      next: '/',
      core: 'signedOut',
      kinds: 'function,function,function,function',
      oneApollo: true,
      inspected: '1 en',
    })
    expect(reason).toBe('SIGNED_OUT')
  }

  it('type-checks with NodeNext resolution and skipLibCheck off, and runs in Node', async () => {
    const folder = await consumer({ module: 'NodeNext', moduleResolution: 'NodeNext' })
    expect(await typeErrors(folder)).toEqual([])
    await expectItRuns(folder)
  })

  // Only with Node16 must a CommonJS file not import ES modules, and the types of Apollo Client 3 are ES modules.
  it.each([
    ['Node16', '4', { module: 'Node16' }, APOLLO_4],
    ['node10', '3', { module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0' }, PEERS],
  ])(
    'type-checks as CommonJS with %s resolution and Apollo Client %s, and runs in Node',
    async (_, __, options, peers) => {
      const folder = await consumer({ ...options, verbatimModuleSyntax: false }, peers, 'commonjs')
      expect(await typeErrors(folder)).toEqual([])
      await expectItRuns(folder)
    },
  )

  it.each(APOLLOS)(
    'type-checks with bundler resolution and skipLibCheck off, with Apollo Client %s',
    async (_, peers) => {
      const folder = await consumer({ module: 'ESNext', moduleResolution: 'Bundler', noEmit: true }, peers)
      expect(await typeErrors(folder)).toEqual([])
    },
  )

  it('reports type errors', async () => {
    const folder = await consumer({ module: 'ESNext', moduleResolution: 'Bundler', noEmit: true })
    await writeFile(
      join(folder, 'consumer.ts'),
      "import { createSession } from '@silent-refresh/client'\ncreateSession(1)\n",
    )
    expect(await typeErrors(folder)).toEqual([expect.stringContaining('consumer.ts(2,15): error TS')])
  })

  it('loads its main, core and fetch entries without optional peer dependencies', async () => {
    const folder = await project(tarball, {})
    const code = `
      for (const path of ['', '/core', '/fetch']) await import('@silent-refresh/client' + path)
      process.stdout.write('loaded')
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder })
    expect(stdout).toBe('loaded')
  })

  it('recognises the errors of its other copy, and no others, when a program imports and requires it', async () => {
    const folder = await project(tarball, {})
    const code = `
      import { createRequire } from 'node:module'
      import * as imported from '@silent-refresh/client/core'
      const required = createRequire(import.meta.url)('@silent-refresh/client/core')
      const results = ['SessionEndedError', 'RefreshFailedError'].flatMap((name) => {
        const [Own, Other] = [imported[name], required[name]]
        class Special extends Own {}
        return [
          Own !== Other && new Other('SIGNED_OUT') instanceof Own && new Special() instanceof Own && new Special() instanceof Special,
          [new Error(), null, undefined, name].some((error) => error instanceof Own) || new Other() instanceof Special,
        ]
      })
      process.stdout.write(JSON.stringify(results))
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder })
    expect(JSON.parse(stdout)).toEqual([true, false, true, false])
  })

  it('loads where there is a window without matchMedia, as in jsdom', async () => {
    const folder = await project(tarball, PEERS)
    const code = `
      import { createRequire } from 'node:module'
      Object.assign(globalThis, { window: globalThis, document: { createElement() {} } })
      const require = createRequire(import.meta.url)
      for (const entry of ${JSON.stringify(ENTRIES)}) {
        require('@silent-refresh/client' + entry)
        await import('@silent-refresh/client' + entry)
      }
      process.stdout.write('loaded')
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder })
    expect(stdout).toBe('loaded')
  })

  it('loads in CommonJS Jest without configuration, as in a browser and in Node, with one Apollo Client', async () => {
    const folder = await project(tarball, { ...PEERS, 'jest-environment-node': 'jest-environment-node' }, 'commonjs')
    const test = `
      const { ApolloLink } = require('@apollo/client/core')
      const { SessionEndedError } = require('@silent-refresh/client/core')
      for (const entry of ${JSON.stringify(ENTRIES)})
        test('client' + entry, () => expect(require('@silent-refresh/client' + entry)).toBeDefined())
      test('link', () => {
        const { createSession, SessionEndedError: sameError } = require('@silent-refresh/client')
        const link = require('@silent-refresh/client/apollo').silentRefreshLink(createSession({ transport: {} }))
        expect(link.constructor).toBe(ApolloLink)
        expect(sameError).toBe(SessionEndedError)
      })
    `
    await writeFile(
      join(folder, 'browser.js'),
      `module.exports = class extends require('jest-environment-node').TestEnvironment {
        exportConditions() { return ['browser'] }
      }`,
    )
    await writeFile(join(folder, 'node.test.js'), test)
    await writeFile(join(folder, 'browser.test.js'), `/** @jest-environment ./browser.js */\n${test}`)
    const { stderr } = await run(process.execPath, [JEST, '--runInBand', '--colors=false'], { cwd: folder })
    expect(stderr).toMatch(/^Tests: +16 passed, 16 total$/m)
  })

  it.each(APOLLOS)('bundles for a browser with one Apollo Client %s, imported or required', async (_, peers) => {
    const folder = await project(tarball, peers, 'commonjs')
    const programs = {
      imported: `
        import { createSession } from '@silent-refresh/client'
        import { silentRefreshLink } from '@silent-refresh/client/apollo'
        import { ApolloLink } from '@apollo/client/core'`,
      required: `
        const { createSession } = require('@silent-refresh/client')
        const { silentRefreshLink } = require('@silent-refresh/client/apollo')
        const { ApolloLink } = require('@apollo/client/core')`,
    }
    for (const [name, program] of Object.entries(programs)) {
      const use = 'console.log(silentRefreshLink(createSession({ transport: {} })).constructor === ApolloLink)'
      const outfile = join(folder, `${name}.js`)
      await build({ stdin: { contents: `${program}\n${use}`, resolveDir: folder }, bundle: true, outfile })
      expect(await run(process.execPath, [outfile])).toEqual({ stdout: 'true\n', stderr: '' })
    }
  })

  it('is found by tools that do not read exports, and has no side effects in either format', async () => {
    const folder = join(await project(tarball, PEERS), 'node_modules/@silent-refresh/client')
    const { exports, main, module, types } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    for (const entry of ENTRIES) {
      const own = join(folder, entry)
      const found = entry ? JSON.parse(await readFile(join(own, 'package.json'), 'utf8')) : { main, module, types }
      const { require, types: moduleTypes, default: esModule } = exports[`.${entry}`]
      expect([found.main, found.types, found.module].map((path) => join(own, path))).toEqual(
        [require.default, require.types, esModule].map((path) => join(folder, path)),
      )
      await access(join(folder, moduleTypes))
      for (const field of ['main', 'module']) {
        const stdin = { contents: `import ${JSON.stringify(own)}`, resolveDir: folder }
        const bundle = await build({
          stdin,
          bundle: true,
          write: false,
          format: 'esm',
          mainFields: [field],
          logLevel: 'silent',
        })
        expect(bundle.outputFiles.map(({ text }) => text)).toEqual([''])
      }
    }
  })

  it('contains the schema, as an export and as a file', async () => {
    const folder = await project(tarball, {})
    const { stdout } = await run(process.execPath, ['-p', "require.resolve('@silent-refresh/client/schema.graphql')"], {
      cwd: folder,
    })
    const schema = await readFile(join(ROOT, 'schema.graphql'), 'utf8')
    expect(await readFile(stdout.trim(), 'utf8')).toBe(schema)
    expect(await readFile(join(folder, 'node_modules/@silent-refresh/client/schema.graphql'), 'utf8')).toBe(schema)
  })

  it('contains only its exports, the schema, source maps, documents and licence', async () => {
    const folder = join(await project(tarball, {}), 'node_modules/@silent-refresh/client')
    const { exports, sideEffects, dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect({ sideEffects, dependencies }).toEqual({ sideEffects: false })
    expect(Object.keys(exports)).toEqual([
      '.',
      './core',
      './apollo',
      './fetch',
      './graphql-ws',
      './vue',
      './inspector',
      './schema.graphql',
      './package.json',
    ])
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = files.filter((file) => file.isFile()).map(({ name }) => name)
    for (const name of names)
      expect(name).toMatch(
        /^(package\.json|(README|CHANGELOG|cross-origin)\.md|LICENSE|schema\.graphql)$|\.(js|d\.ts|js\.map)$/,
      )
    expect(names.some((name) => /test/.test(name))).toBe(false)
    for (const file of ['LICENSE', 'docs/cross-origin.md']) {
      expect(await readFile(join(folder, file), 'utf8')).toBe(await readFile(join(ROOT, file), 'utf8'))
    }
  })
})
