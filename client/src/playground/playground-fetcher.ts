import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { getOperationAST, parse } from 'graphql'

const send = createGraphiQLFetcher({
  url: '/graphql',
  // For subscriptions. The headers are sent with `connection_init`.
  subscriptionUrl: `${location.origin.replace('http', 'ws')}/graphql`,
  // The schema has no `@defer` or `@stream`, so responses are plain JSON with any HTTP status.
  enableIncrementalDelivery: false,
})

/**
 * Sends operations to the API of this server. GraphiQL updates the operation name with a delay after a change of tab or
 * text; without this check, a quick run would ask for the previous operation.
 */
export const playgroundFetcher: Fetcher = ({ operationName, ...request }, options) =>
  send(operationName && has(request.query, operationName) ? { ...request, operationName } : request, options)

function has(query: string, operationName: string): boolean {
  try {
    return getOperationAST(parse(query), operationName) !== null
  } catch {
    return false // The server reports the syntax error.
  }
}
