import { silentRefreshFetch } from '../../fetch/silent-refresh-fetch.ts'
import { createSession, graphqlTransport } from '../../index.ts'
import { createPlaygroundFetcher } from '../operations/playground-fetcher.ts'
import { createStore } from '../store.ts'
import type { PlaygroundSettings } from './playground-settings.ts'
import { watchSignIn } from './sign-in-state.ts'
import { watchTokenUse } from './token-use.ts'

const API_URL = '/graphql'

/** Connects the playground to the server: its session, which it shares with the account centre, and what the bar shows. */
export function connect(settings: PlaygroundSettings) {
  const session = createSession({ transport: graphqlTransport({ url: API_URL, cookieName: settings.cookieName }) })
  const send = silentRefreshFetch(session)
  const tokenUse = watchTokenUse(session)
  const signInWatch = watchSignIn(session, () => {
    tokenUse.note()
    return loadEmail(send)
  })
  const notice = createStore<string | null>(null)
  const subscription = createStore<string | null>(null)
  const schemaNotice = createStore<string | null>(null)
  let isSubscribed = false

  const fetcher = createPlaygroundFetcher({
    session,
    url: API_URL,
    onTokenUse: tokenUse.note,
    expectSignOut: signInWatch.expectSignOut,
    notify: notice.set,
    reportSchema: schemaNotice.set,
    reportSubscription(words, isRunning) {
      subscription.set(words)
      isSubscribed = isRunning
    },
  })
  let { status } = signInWatch.get()
  signInWatch.subscribe(() => {
    const before = status
    status = signInWatch.get().status
    // A note about the subscription of the last session is out of date in the next one.
    if (before === 'signedOut' && status === 'signedIn' && !isSubscribed) subscription.set(null)
  })
  // A running subscription needs the next token, too.
  const isTokenUsed = () => isSubscribed || tokenUse.isUsed()
  return { settings, session, signInWatch, isTokenUsed, notice, subscription, schemaNotice, fetcher }
}

export type Connection = ReturnType<typeof connect>

async function loadEmail(send: typeof fetch): Promise<string | null> {
  const response = await send(API_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query PlaygroundUser { me { email } }' }),
  })
  const { data } = (await response.json()) as { data?: { me?: { email?: string } } | null }
  return data?.me?.email ?? null
}
