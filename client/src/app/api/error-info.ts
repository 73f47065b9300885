import { computed, type Ref } from 'vue'
import { RefreshFailedError, SessionEndedError } from '../../index.ts'

/** An error in a form that can be shown in any language. */
export interface ErrorInfo {
  /** A code of the schema, or one of the app: `NETWORK` (no response) or `SESSION_ENDED` (the page is about to change). */
  readonly code: string
  /** The reason that the schema defines for the code. */
  readonly reason?: string
  /** The input field that caused the error. */
  readonly field?: string
  /** After how many seconds a retry can succeed. */
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

/** Reads any error that Apollo Client reports, whether it comes from the API, the session or the network. */
export function readErrorInfo(error: unknown): ErrorInfo {
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
  if (error instanceof RefreshFailedError) return readRefreshError(error)
  if (networkError) return readErrorInfo(networkError)
  return { code: 'NETWORK' }
}

/** The error of a query in that form; null while there is none. */
export const useErrorInfo = (error: Readonly<Ref<unknown>>) =>
  computed(() => (error.value ? readErrorInfo(error.value) : null))

/** Whether the server or the network is down, rather than the request being at fault. */
export const isOutage = ({ code }: ErrorInfo): boolean => code === 'NETWORK' || code === 'SERVICE_UNAVAILABLE'

function readRefreshError({ retryAfterMs, cause }: RefreshFailedError): ErrorInfo {
  if (retryAfterMs !== undefined) return { code: 'RATE_LIMITED', retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }
  const { code } = (cause ?? {}) as { code?: unknown }
  return { code: typeof code === 'string' ? code : 'NETWORK' }
}
