import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import webpack from 'webpack'
import { cleanUp, pack, project, ROOT, run } from './support/packed.ts'

const PEERS = { '@apollo/client': '@apollo/client', graphql: 'graphql', vue: 'vue', '@types/node': '@types/node' }
const TS_NODE = join(ROOT, 'node_modules/ts-node')

/** Signs in, refreshes once, and names the class of the Apollo link. */
const use = (apollo: string, type = ''): string => `
  import { ApolloLink } from '${apollo}'
  import { createSession } from '@silent-refresh/client'
  import { silentRefreshLink } from '@silent-refresh/client/apollo'
  let refreshes = 0
  const grant = () => ({ accessToken: 'access-' + refreshes, accessTokenExpiresIn: 60, userId: 'ada' })
  const session = createSession({ transport: { refresh: async () => (refreshes++, grant()) } })
  const failed${type} = 'access-0'
  void session.accept(grant())
    .then(() => session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
    .then((token) => console.log(token, silentRefreshLink(session).constructor === ApolloLink))
    .finally(() => session.dispose())
`
const OUTPUT = 'access-1 true\n'

describe('tool chains, with the package packed and installed', () => {
  let tarball: string
  beforeAll(async () => {
    tarball = await pack()
  })
  afterAll(cleanUp)

  it.each([
    ['node10', { module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0' }],
    ['Node16', { module: 'Node16', moduleResolution: 'Node16' }],
  ])('runs in ts-node as CommonJS, with %s resolution', async (_, options) => {
    const folder = await project(tarball, PEERS, 'commonjs')
    const compilerOptions = { target: 'ES2022', strict: true, types: ['node'], skipLibCheck: true, ...options }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    await writeFile(join(folder, 'main.ts'), use('@apollo/client/core', ': string'))
    const { stdout } = await run(process.execPath, [join(TS_NODE, 'dist/bin.js'), '--transpile-only', 'main.ts'], {
      cwd: folder,
    })
    expect(stdout).toBe(OUTPUT)
  })

  it('runs in ts-node as an ES module, with its loader', async () => {
    const folder = await project(tarball, PEERS)
    const compilerOptions = { target: 'ES2022', module: 'NodeNext', strict: true, types: ['node'], skipLibCheck: true }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    await writeFile(join(folder, 'main.ts'), use('@apollo/client/core/index.js', ': string'))
    const loader = pathToFileURL(join(TS_NODE, 'esm/transpile-only.mjs')).href
    const { stdout } = await run(process.execPath, ['--loader', loader, 'main.ts'], { cwd: folder })
    expect(stdout).toBe(OUTPUT)
  })

  it.each(['imported', 'required'])('is bundled for browsers by webpack, %s', async (how) => {
    const folder = await project(tarball, PEERS, 'commonjs')
    const imported = use('@apollo/client/core')
    const required = imported.replaceAll(/import (.*) from ('.*')/g, 'const $1 = require($2)')
    await writeFile(join(folder, 'main.js'), how === 'imported' ? imported : required)
    // Most apps do not say which kind of modules they contain.
    await writeFile(join(folder, 'package.json'), '{}')
    const compiler = webpack({
      context: folder,
      entry: './main.js',
      mode: 'production',
      target: 'web',
      output: { path: folder, filename: 'bundle.js' },
    })
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler?.run((error, result) => (error ? reject(error) : resolve(result)))
    })
    expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([])
    const { stdout } = await run(process.execPath, [join(folder, 'bundle.js')])
    expect(stdout).toBe(OUTPUT)
  })
})
