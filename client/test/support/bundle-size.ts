import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const CORE = "from './src/session/index.ts'"
const APOLLO = "export { silentRefreshLink } from './src/apollo/silent-refresh-link.ts'"

/** What an app takes of the library: its name, the code that takes it, and the most it may weigh in bytes. */
export const BUNDLES: readonly (readonly [string, string, number])[] = [
  ['the core: everything of ./core', `export * ${CORE}`, 4_096],
  [
    'core and Apollo adapter: createSession and silentRefreshLink',
    `export { createSession } ${CORE}; ${APOLLO}`,
    5_120,
  ],
  [
    'all that an Apollo app in a browser takes: these, graphqlTransport, and the browser’s ports and storages',
    `export { createSession, grantFromAuthPayload, graphqlTransport } from './src/index.ts'; ${APOLLO}`,
    7_168,
  ],
  ['the fetch adapter alone', "export * from './src/fetch/silent-refresh-fetch.ts'", 1_700],
  ['the graphql-ws adapter alone', "export * from './src/graphql-ws/silent-refresh-socket.ts'", 1_400],
  ['the Vue adapter alone', "export * from './src/vue/index.ts'", 1_000],
]

/** What the code adds to an app's bundle: minified and gzipped, in bytes, without the libraries it is an adapter to. */
export async function sizeOf(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['@apollo/client', '@apollo/client/*', 'graphql', 'graphql-ws', 'vue'],
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
}
