import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { SilentRefreshLinkOptions } from '../../src/apollo/silent-refresh-link.ts'
import { type SilentRefreshFetchOptions, silentRefreshFetch } from '../../src/fetch/silent-refresh-fetch.ts'
import type { Session } from '../../src/index.ts'

/** An operation that the scenarios send through every client. */
export interface Operation {
  readonly query: string
  /** Marks it as public in its context (Apollo Client). */
  readonly isPublic?: boolean
  /** Sends it to this URL instead of the client's (Apollo Client). */
  readonly uri?: string
  readonly signal?: AbortSignal
}

/** The data, or what the client failed with. */
export interface Answer {
  readonly data?: unknown
  /** The code of a GraphQL error, the name of another error, or the reason of an ended session. */
  readonly failure?: string
}

export interface GraphqlClient {
  run(operation: Operation): Promise<Answer>
  /** The names of the fields in the client's store. */
  stored(): string[]
  /** The client's store (Apollo Client). */
  readonly cache?: object
}

/** @param retries whether a retry link comes before ours (Apollo Client) */
export type MakeClient = (
  session: Session,
  url: string,
  retries?: boolean,
  options?: SilentRefreshLinkOptions & SilentRefreshFetchOptions,
) => GraphqlClient

/** The clients that run the scenarios, by name. */
export const CLIENTS: Record<string, () => Promise<MakeClient>> = {
  'Apollo Client 3': () => apollo('@apollo/client'),
  'Apollo Client 4': () => apollo('apollo-client-4'),
  'a client with a fetch option': async () => fetchClient,
}

const ENTRY = `
  export { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable, from, gql } from '@apollo/client/core/index.js'
  export { RetryLink } from '@apollo/client/link/retry/index.js'
  export { silentRefreshLink } from './src/apollo/silent-refresh-link.ts'
`

/** Bundles the link with Apollo Client, whose version is chosen as a user's lock file would. */
// biome-ignore lint/suspicious/noExplicitAny: one of two versions with different types
export async function bundleApollo(version: string): Promise<any> {
  const folder = await mkdtemp(join(tmpdir(), 'silent-refresh-apollo-'))
  const outfile = join(folder, 'apollo.mjs')
  await build({
    stdin: { contents: ENTRY, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    conditions: ['production'],
    define: { 'process.env.NODE_ENV': '"production"', 'globalThis.__DEV__': 'false' },
    alias: version === '@apollo/client' ? {} : { '@apollo/client': version },
    logLevel: 'error',
  })
  const library = await import(outfile)
  await rm(folder, { recursive: true })
  return library
}

async function apollo(version: string): Promise<MakeClient> {
  const library = await bundleApollo(version)
  return (session, url, retries = false, options = {}) => {
    const { ApolloClient, HttpLink, InMemoryCache, RetryLink, from, gql, silentRefreshLink } = library
    const cache = new InMemoryCache()
    const links = [silentRefreshLink(session, { publicFields: ['serverTime'], ...options }), new HttpLink({ uri: url })]
    if (retries) links.unshift(new RetryLink({ delay: { initial: 5 } }))
    const client = new ApolloClient({ cache, link: from(links) })
    return {
      cache,
      stored: () => Object.keys(cache.extract().ROOT_QUERY ?? {}),
      run: ({ query, isPublic, uri, signal }) => {
        const document = gql(query)
        const context = { ...(isPublic ? { public: true } : {}), ...(uri ? { uri } : {}) }
        const isMutation = query.startsWith('mutation')
        return new Promise((resolve) => {
          const done = (result: { data?: unknown; error?: unknown; errors?: unknown }): void => {
            const failure = describe(result.error ?? (result.errors ? { errors: result.errors } : undefined))
            const answer = result.data ? { data: structuredClone(result.data) } : {}
            resolve(failure ? { ...answer, failure } : answer)
          }
          if (isMutation) {
            client
              .mutate({ mutation: document, context, errorPolicy: 'all' })
              .then(done, (error: unknown) => done({ error }))
            return
          }
          const options = { query: document, context, fetchPolicy: 'network-only', errorPolicy: 'all' }
          // "Unsubscribed" here means that nothing watches the query any more.
          const watched = client.watchQuery(options).subscribe({
            next: (result: { loading?: boolean; data?: unknown; error?: unknown }) => !result.loading && done(result),
            error: (error: unknown) => done({ error }),
          })
          signal?.addEventListener('abort', () => {
            watched.unsubscribe()
            resolve({ failure: 'unsubscribed' })
          })
        })
      },
    }
  }
}

/** What every generated SDK boils down to. */
const fetchClient: MakeClient = (session, url, _, options) => {
  const send = silentRefreshFetch(session, fetch, options)
  return {
    stored: () => [],
    async run({ query, signal }) {
      try {
        const init: RequestInit = {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
          ...(signal ? { signal } : {}),
        }
        const response = await send(url, init)
        const text = await response.text()
        if (!text.startsWith('{')) return { failure: `HTTP ${response.status}` }
        const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown }
        const failure = describe(errors ? { errors } : undefined)
        return { ...(data ? { data } : {}), ...(failure ? { failure } : {}) }
      } catch (error) {
        return { failure: signal?.aborted ? 'unsubscribed' : (describe(error) ?? 'unknown') }
      }
    },
  }
}

/** Names the failure in the terms of the protocol, whichever class the client wraps it in. */
function describe(error: unknown): string | undefined {
  if (!error) return undefined
  // biome-ignore lint/suspicious/noExplicitAny: errors of three clients
  const any = error as any
  const cause = any.networkError ?? any
  if (cause.name === 'SessionEndedError') return `ended: ${cause.reason}`
  if (cause.name === 'RefreshFailedError') return 'failed for now'
  if (cause.message?.startsWith('Not our server')) return cause.message
  const errors = any.graphQLErrors?.length
    ? any.graphQLErrors
    : (cause.result?.errors ?? any.errors ?? parseErrors(cause))
  if (errors?.[0]?.extensions?.code) return errors[0].extensions.code
  if (cause.statusCode) return `HTTP ${cause.statusCode}`
  return 'network'
}

function parseErrors({ bodyText }: { bodyText?: string }): unknown {
  return bodyText?.startsWith('{') ? JSON.parse(bodyText).errors : undefined
}
