import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'

/** Signs in, refreshes and signs out with the package's defaults. Its last expression is a promise of what it saw. */
const PROGRAM = `
  import { createSession } from './src/index.ts'
  globalThis.outcome = (async () => {
    const tokens = (accessToken) => ({ accessToken, accessTokenExpiresIn: 60, refreshToken: 'r', userId: 'ada' })
    const session = createSession({ transport: { url: 'https://example.com/graphql', refresh: async () => tokens('b') } })
    await session.accept(tokens('a'))
    const seen = [await session.getAccessToken(), await session.getAccessToken({ failed: 'a', reason: 'TOKEN_EXPIRED' })]
    await session.signOut()
    return [...seen, session.state].join()
  })()
`

const forbidden = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}
const getters = (...names: string[]): object =>
  Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: forbidden, enumerable: true }])))

/** What the platform offers beside the language, timers and AbortController. */
const PLATFORMS: Record<string, () => object> = {
  'offers nothing else': () => ({}),
  'is a worker without storage': () => ({ WorkerGlobalScope: class {}, navigator: {} }),
  'has a document without events, storage and location': () => ({ document: {}, navigator: undefined }),
  'has null for storage': () => ({ document: new EventTarget(), indexedDB: null, localStorage: null, navigator: {} }),
  'forbids storage, cookies and locks': () =>
    Object.defineProperties(
      { navigator: { locks: { request: async () => forbidden() } } },
      {
        ...Object.getOwnPropertyDescriptors(getters('indexedDB', 'localStorage')),
        document: { value: Object.defineProperties(new EventTarget(), { cookie: { get: forbidden, set: forbidden } }) },
      },
    ),
  'forbids BroadcastChannel': () => ({
    document: {},
    BroadcastChannel: class {
      constructor() {
        forbidden()
      }
    },
  }),
}

describe('C14: bare runtimes', () => {
  let code: string
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PROGRAM, resolveDir: join(import.meta.dirname, '..'), loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
    })
    code = outputFiles[0]?.text ?? ''
  })

  it.each(Object.entries(PLATFORMS))('C14: a session works where the platform %s', async (_, platform) => {
    const offered = Object.getOwnPropertyDescriptors(platform())
    const needed = { setTimeout, clearTimeout, AbortController }
    const context = createContext(Object.defineProperties(needed, offered))
    expect(await runInContext(`${code}; outcome`, context)).toBe('a,b,signedOut')
  })

  it('C14: a session does not keep a Node process running that has a document, as jsdom provides it', async () => {
    const program = `globalThis.document = new EventTarget(); ${code}; outcome.then((seen) => process.stdout.write(seen))`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { timeout: 20_000 })
    expect(stdout).toBe('a,b,signedOut')
  })
})
