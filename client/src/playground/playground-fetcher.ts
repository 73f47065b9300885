import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { getOperationAST, parse } from 'graphql'

const send = createGraphiQLFetcher({
  url: '/graphql',
  // Subscriptions; what stands in the headers goes with `connection_init`.
  subscriptionUrl: `${location.origin.replace('http', 'ws')}/graphql`,
  // The schema has no `@defer` or `@stream`: plain JSON answers, whatever their HTTP status.
  enableIncrementalDelivery: false,
})

/**
 * Asks our own API. GraphiQL notices a new operation's name a moment after the tab was changed or the text pasted; run
 * before that, it would ask for the operation that was there before.
 */
export const playgroundFetcher: Fetcher = ({ operationName, ...request }, options) =>
  send(operationName && has(request.query, operationName) ? { ...request, operationName } : request, options)

function has(query: string, operationName: string): boolean {
  try {
    return getOperationAST(parse(query), operationName) !== null
  } catch {
    return false // no valid GraphQL: the server says where
  }
}
