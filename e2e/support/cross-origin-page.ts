import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core'
import { type AuthPayloadLike, createSession, grantFromAuthPayload, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshLink } from '@silent-refresh/client/apollo'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { silentRefreshSocket } from '@silent-refresh/client/graphql-ws'
import { createClient } from 'graphql-ws'
import type { User } from './users.ts'

// Runs in the browser: an app on the built library whose API has another origin, controlled by the tests.

/** What a page does differently; everything else is the default. */
export interface CrossOriginOptions {
  /** The API's GraphQL endpoint. */
  readonly url: string
  readonly credentials?: 'include'
  readonly tokenTransport?: 'COOKIE' | 'BODY'
}

const SIGN_IN = `mutation SignIn($input: LoginInput!) {
  login(input: $input) { accessToken accessTokenExpiresIn refreshToken user { id } }
}`

/** Creates the app's session and its clients, as the documentation says. */
function start({ url, credentials, tokenTransport }: CrossOriginOptions) {
  const session = createSession({ transport: graphqlTransport({ url, credentials, tokenTransport }) })
  const link = ApolloLink.from([silentRefreshLink(session), new HttpLink({ uri: url })])
  const apollo = new ApolloClient({ link, cache: new InMemoryCache() })
  const socket = createClient(silentRefreshSocket(session, { url: url.replace(/^http/, 'ws') }))
  const ended: string[] = []
  const events: string[] = []
  const failures: string[] = []
  const answers = { fetch: 0, apollo: 0 }
  let refreshes = 0
  session.onSessionEnded((reason) => void ended.push(reason))
  session.events.subscribe(({ type }) => {
    if (type === 'refreshDone') refreshes++
  })

  async function post(send: typeof fetch, query: string, variables: object = {}) {
    const headers = { 'content-type': 'application/json' }
    const response = await send(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    const { data, errors } = await response.json()
    if (errors) throw new Error(errors[0].extensions.code)
    return data
  }

  const signInBy = {
    fetch: (variables: object) => post(silentRefreshFetch(session), SIGN_IN, variables),
    /** The app's own `fetch`, which knows nothing of the session. */
    plain: (variables: object) => post(fetch, SIGN_IN, variables),
    apollo: async (variables: object) => (await apollo.mutate({ mutation: gql(SIGN_IN), variables })).data,
  }
  const once = {
    fetch: async () => (await post(silentRefreshFetch(session), '{ me { id } }')).me.id,
    apollo: async () => {
      const { data } = await apollo.query({ query: gql('{ me { id } }'), fetchPolicy: 'network-only' })
      return data.me.id
    },
  }

  return {
    session,
    async signIn({ email, password }: User, by: keyof typeof signInBy): Promise<void> {
      const data: { login: AuthPayloadLike } = await signInBy[by]({
        input: { email, password, ...(tokenTransport === 'BODY' ? {} : { tokenTransport: 'COOKIE' }) },
      })
      await session.accept(grantFromAuthPayload(data.login))
    },
    /** Uses all clients until the session ends: both send an operation after each answer, and the socket subscribes. */
    useAll(): void {
      for (const client of ['fetch', 'apollo'] as const) {
        void (async () => {
          while (session.userId !== null) {
            const id = await once[client]()
            if (id !== session.userId) throw new Error(`The answer is for ${id}.`)
            answers[client]++
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
        })().catch((error: Error) => failures.push(`${client}: ${error}`))
      }
      socket.subscribe<{ securityEvent: { type: string } }>(
        { query: 'subscription { securityEvent { type } }' },
        {
          next: ({ data }) => void events.push(data?.securityEvent.type ?? ''),
          error: (error) => void failures.push(`socket: ${JSON.stringify(error)}`),
          complete: () => {},
        },
      )
    },
    report: () => ({ state: session.state, ended, failures, answers, refreshes, events }),
  }
}

declare global {
  interface Window {
    startApp: (options: CrossOriginOptions) => void
    app: ReturnType<typeof start>
  }
}

window.startApp = (options) => {
  window.app = start(options)
}
