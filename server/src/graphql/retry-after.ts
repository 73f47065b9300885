import type { ApolloServerPlugin } from '@apollo/server'
import type { GraphContext } from './context.ts'

/** Sets the header `Retry-After` to the longest wait of all errors, in seconds. @see RFC 9110 §10.2.3 */
export const retryAfter: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ response: { body, http } }) {
        if (body.kind !== 'single') return
        const waits = (body.singleResult.errors ?? [])
          .map(({ extensions }) => extensions?.retryAfterSeconds)
          .filter((wait) => typeof wait === 'number')
        if (waits.length > 0) http.headers.set('retry-after', String(Math.max(...waits)))
      },
    }
  },
}
