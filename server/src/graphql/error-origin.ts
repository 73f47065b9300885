import type { ApolloServerPlugin } from '@apollo/server'
import type { GraphContext } from './context.ts'

const requestIds = new WeakMap<object, string>()

/** Remembers which request an error belongs to: whoever formats it is not told. */
export const noteErrorOrigin: ApolloServerPlugin<GraphContext> = {
  async requestDidStart({ contextValue: { requestId } }) {
    return {
      async didEncounterErrors({ errors }) {
        if (requestId !== undefined) for (const error of errors) requestIds.set(error, requestId)
      },
    }
  },
}

/** Undefined for what came over a socket, or went wrong before there was an operation. */
export function requestIdOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? requestIds.get(error) : undefined
}
