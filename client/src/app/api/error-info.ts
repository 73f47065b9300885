import { RefreshFailedError, SessionEndedError } from '../../index.ts'

/** What went wrong, in a form that can be said to a person in any language. */
export interface Problem {
  /** A code of the schema, or one of ours: `NETWORK` no answer came, `SESSION_ENDED` the page is about to change. */
  readonly code: string
  /** Why, in a word of the schema. */
  readonly reason?: string
  /** The input field it is about. */
  readonly field?: string
  /** When trying again makes sense. */
  readonly retryAfterSeconds?: number
}

interface Extensions {
  readonly code?: unknown
  readonly reason?: unknown
  readonly field?: unknown
  readonly retryAfterSeconds?: unknown
}

interface ErrorLike {
  readonly graphQLErrors?: readonly { readonly extensions?: Extensions }[]
  readonly networkError?: unknown
  readonly result?: { readonly errors?: readonly { readonly extensions?: Extensions }[] }
  readonly cause?: unknown
}

/** Reads any error that Apollo Client gives: of the API, of the session, or of the network. */
export function readProblem(error: unknown): Problem {
  const { graphQLErrors, networkError, result } = (error ?? {}) as ErrorLike
  const extensions = (graphQLErrors?.[0] ?? result?.errors?.[0])?.extensions
  if (extensions) {
    const { code, reason, field, retryAfterSeconds } = extensions
    return {
      code: typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR',
      ...(typeof reason === 'string' && { reason }),
      ...(typeof field === 'string' && { field }),
      ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }),
    }
  }
  if (error instanceof SessionEndedError) return { code: 'SESSION_ENDED' }
  if (error instanceof RefreshFailedError) return afterFailedRefresh(error)
  if (networkError) return readProblem(networkError)
  return { code: 'NETWORK' }
}

/** Whether it is about the way to the server, or the server, and not about what was asked. */
export const isOutage = ({ code }: Problem): boolean => code === 'NETWORK' || code === 'SERVICE_UNAVAILABLE'

function afterFailedRefresh({ retryAfterMs, cause }: RefreshFailedError): Problem {
  if (retryAfterMs !== undefined) return { code: 'RATE_LIMITED', retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }
  const { code } = (cause ?? {}) as { code?: unknown }
  return { code: typeof code === 'string' ? code : 'NETWORK' }
}
