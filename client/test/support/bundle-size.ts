import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const CORE = "from './src/session/index.ts'"
const APOLLO = "export { silentRefreshLink } from './src/apollo/silent-refresh-link.ts'"

/** Something that an app takes of the library. Sizes are in bytes, minified and gzipped. */
export interface Bundle {
  readonly name: string
  readonly code: string
  /** What it may weigh at most. */
  readonly limit: number
  /** What it weighed when this was written: a change that makes it heavier or lighter updates it. */
  readonly recorded: number
}

export const BUNDLES: readonly Bundle[] = [
  { name: 'the core: everything in ./core', code: `export * ${CORE}`, limit: 6_656, recorded: 6_535 },
  {
    name: 'core and Apollo adapter: createSession and silentRefreshLink',
    code: `export { createSession } ${CORE}; ${APOLLO}`,
    limit: 8_704,
    recorded: 8_439,
  },
  {
    name: 'everything that an Apollo app in a browser uses: these, graphqlTransport, and the browser’s ports and storages',
    code: `export { createSession, grantFromAuthPayload, graphqlTransport } from './src/index.ts'; ${APOLLO}`,
    limit: 12_800,
    recorded: 12_756,
  },
  {
    name: 'all entries except the inspector, in one app',
    code: `export * from './src/index.ts'; ${APOLLO}; export * from './src/fetch/silent-refresh-fetch.ts';
      export * from './src/graphql-ws/silent-refresh-socket.ts'; export * from './src/vue/index.ts'`,
    limit: 15_872,
    recorded: 15_634,
  },
  {
    name: 'the fetch adapter alone',
    code: "export * from './src/fetch/silent-refresh-fetch.ts'",
    limit: 2_560,
    recorded: 2_492,
  },
  {
    name: 'the graphql-ws adapter alone',
    code: "export * from './src/graphql-ws/silent-refresh-socket.ts'",
    limit: 1_536,
    recorded: 1_483,
  },
  { name: 'the Vue adapter alone', code: "export * from './src/vue/index.ts'", limit: 1_000, recorded: 857 },
]

/** What the code adds to an app: minified and gzipped, in bytes, without the libraries it adapts to. */
export async function sizeOf({ code }: Pick<Bundle, 'code'>): Promise<number> {
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
