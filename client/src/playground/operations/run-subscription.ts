import type { ExecutionResult } from 'graphql'
import { type ClientOptions, createClient, type SubscribePayload } from 'graphql-ws'
import { silentRefreshSocket } from '../../graphql-ws/silent-refresh-socket.ts'
import type { Session } from '../../index.ts'
import { pauseUntilWatched } from '../../page/repeat-while-watched.ts'
import { closeWords, isRefused, subscriptionEndWords } from './subscription-words.ts'

export interface SubscriptionRun {
  readonly session: Session
  readonly url: string
  readonly payload: SubscribePayload
  /** The headers of the tab. They are sent in `connection_init`. */
  readonly headers: Readonly<Record<string, unknown>>
  /** The `Authorization` header among them, which takes the place of the session. */
  readonly byHand: string | undefined
  /** Receives the state of the subscription in words, and null when the user has stopped it. */
  readonly report: (words: string | null, isRunning: boolean) => void
}

/** What GraphiQL accepts as an observable. */
interface Observer {
  next(result: ExecutionResult): void
  complete(): void
}
interface Observable {
  subscribe(observer: Observer): { unsubscribe(): void }
}

/** The longest pause between two attempts to reconnect, in milliseconds. */
const MAX_RETRY_DELAY_MS = 5_000

/**
 * Runs a subscription that goes on over renewals of the access token and over a server that goes away, until it ends or
 * the user stops it. The result then keeps the last event; without one, it says why the subscription has ended.
 */
export function runSubscription({ session, url, payload, headers, byHand, report }: SubscriptionRun): Observable {
  return {
    subscribe({ next, complete }) {
      let isStopped = false
      let hasResult = false
      let closing: string | undefined
      let reconnections = 0

      const say: SubscriptionRun['report'] = (...state) => {
        if (!isStopped) report(...state)
      }
      const options: ClientOptions = {
        url,
        connectionParams: headers,
        retryAttempts: Number.POSITIVE_INFINITY,
        retryWait: (retries) =>
          pauseUntilWatched(Math.min(2 ** retries * 500, MAX_RETRY_DELAY_MS) * (0.5 + Math.random() / 2)),
        on: {
          connected() {
            say(closing === undefined ? 'Subscription running.' : resumed(closing, ++reconnections), true)
          },
          closed(event) {
            closing = closeWords(event)
            say(`Subscription interrupted: ${closing}. Reconnecting …`, false)
          },
        },
      }
      const client = createClient(
        byHand === undefined
          ? silentRefreshSocket(session, options)
          : { ...options, shouldRetry: (event) => !isRefused(event) },
      )

      function end(words: string, errors: readonly unknown[] = [{ message: words }]): void {
        if (isStopped) return
        say(words, false)
        if (!hasResult) next({ errors } as ExecutionResult)
        isStopped = true
        complete()
      }

      say('Subscription connecting …', false)
      const stop = client.subscribe<Record<string, unknown>>(payload, {
        next(result) {
          hasResult = true
          if (!isStopped) next(result as ExecutionResult)
        },
        error: (error) =>
          Array.isArray(error)
            ? end('Subscription ended: the server refused it.', error)
            : end(subscriptionEndWords(error, byHand)),
        complete: () => end('Subscription ended: the server completed it.'),
      })
      return {
        unsubscribe() {
          say(null, false)
          isStopped = true
          stop()
        },
      }
    },
  }
}

const resumed = (closing: string, count: number): string =>
  `Subscription running. It has reconnected ${count === 1 ? 'once' : `${count} times`}, last at ${new Date().toLocaleTimeString()}, because ${closing}.`
