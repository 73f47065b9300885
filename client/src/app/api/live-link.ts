import type { ApolloLink } from '@apollo/client/core'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient } from 'graphql-ws/client'
import { silentRefreshSocket } from '../../graphql-ws/silent-refresh-socket.ts'
import type { Session } from '../../index.ts'

/** At most this long between two tries to connect, in milliseconds. */
const LONGEST_PAUSE_MS = 30_000

/**
 * The way of subscriptions: a socket that is open while there is one, and tried again for as long as the page lives.
 * @param path of the API on this host
 * @param onConnected what happened while there was no socket was not heard: time to ask
 */
export function createLiveLink(session: Session, path: string, onConnected: () => void): ApolloLink {
  const url = new URL(path, location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  const client = createClient(
    silentRefreshSocket(session, {
      url: url.href,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) => pause(Math.min(2 ** retries * 1_000, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)),
      on: { connected: onConnected },
    }),
  )
  return new GraphQLWsLink(client)
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
