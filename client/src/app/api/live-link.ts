import type { ApolloLink } from '@apollo/client/core'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient } from 'graphql-ws/client'
import { silentRefreshSocket } from '../../graphql-ws/silent-refresh-socket.ts'
import type { Session } from '../../index.ts'
import { pauseUntilWatched } from '../../page/repeat-while-watched.ts'

/** The longest delay before the next connection attempt, in milliseconds. */
const MAX_RETRY_DELAY_MS = 30_000

/**
 * Sends subscriptions over a socket that is open while there is a subscription, and reconnects for as long as the page
 * is open.
 * @param path of the API on this host
 * @param onConnected called after each connection, because events were missed while there was none
 */
export function createLiveLink(session: Session, path: string, onConnected: () => void): ApolloLink {
  const url = new URL(path, location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  const client = createClient(
    silentRefreshSocket(session, {
      url: url.href,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) =>
        pauseUntilWatched(Math.min(2 ** retries * 1_000, MAX_RETRY_DELAY_MS) * (0.5 + Math.random() / 2)),
      on: { connected: onConnected },
    }),
  )
  return new GraphQLWsLink(client)
}
