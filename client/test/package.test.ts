import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cleanUp, pack, project, ROOT, run, typeErrors } from './support/packed.ts'

const PEERS = Object.fromEntries(
  ['@apollo/client', 'graphql', 'graphql-ws', 'uplot', 'vue', 'vue-router', '@types/node', 'undici-types'].map(
    (name) => [name, name],
  ),
)
const APOLLO_4 = { ...PEERS, '@apollo/client': 'apollo-client-4', rxjs: 'rxjs' }
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
  async function consumer(options: object, peers = PEERS): Promise<string> {
    const folder = await project(tarball, peers)
    await cp(join(import.meta.dirname, 'fixtures/consumer.ts'), join(folder, 'consumer.ts'))
    const tsconfig = { compilerOptions: { ...STRICT, ...options }, files: ['consumer.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    return folder
  }

  it('type-checks with NodeNext resolution and skipLibCheck off, and runs in Node', async () => {
    const folder = await consumer({ module: 'NodeNext', moduleResolution: 'NodeNext' })
    expect(await typeErrors(folder)).toEqual([])
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
      inspected: '1 en',
    })
    expect(reason).toBe('SIGNED_OUT')
  })

  it.each([
    ['3', PEERS],
    ['4', APOLLO_4],
  ])('type-checks with bundler resolution and skipLibCheck off, with Apollo Client %s', async (_, peers) => {
    const folder = await consumer({ module: 'ESNext', moduleResolution: 'Bundler', noEmit: true }, peers)
    expect(await typeErrors(folder)).toEqual([])
  })

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

  it('contains only its exports, source maps, README, CHANGELOG and licence', async () => {
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
      './package.json',
    ])
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = files.filter((file) => file.isFile()).map(({ name }) => name)
    for (const name of names)
      expect(name).toMatch(/^(package\.json|(README|CHANGELOG)\.md|LICENSE)$|\.(js|d\.ts|js\.map)$/)
    expect(names.some((name) => /test/.test(name))).toBe(false)
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe(await readFile(join(ROOT, 'LICENSE'), 'utf8'))
  })
})
