/** An error of a GraphQL response. */
export interface GraphqlErrorLike {
  readonly message?: unknown
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * Whether a GraphQL error means that the access token was refused. `undefined` leaves the decision to the default.
 * @see PROTOCOL.md C10
 */
export type IsUnauthenticated = (error: GraphqlErrorLike) => boolean | undefined

/** What an adapter knows of an answer. */
export interface Answer {
  readonly status?: number | undefined
  /** The `WWW-Authenticate` header. */
  readonly challenge?: string | null | undefined
  /** The parsed JSON, if it is JSON. */
  readonly body?: unknown
}

/** The server refused the access token. */
export interface Refusal {
  /** The server's `extensions.reason`, or else its code, if it gave one. */
  readonly reason: string | undefined
}

/** Codes that mean a refused access token, whatever the HTTP status. */
const REFUSED = /^(UNAUTHENTICATED|AUTH_NOT_AUTHENTICATED|INVALID_JWT|(JWT|(ACCESS_)?TOKEN)_EXPIRED)$/

/** Codes that say what else a 401 is about: what a user has typed, a permission, the request itself. */
const OTHERWISE =
  /CREDENTIAL|PASS(WORD|CODE|KEY|PHRASE)|OTP|[2M]FA|FACTOR|CAPTCHA|(^|_)(CODE|PIN)(_|$)|FORBIDDEN|DENIED|SCOPE|INVALID_(GRANT|CLIENT)|BAD_USER_INPUT|RATE_LIMIT|TOO_MANY|CONFLICT|USER_NOT_FOUND|^NOT_FOUND/

/**
 * Whether a server refuses the access token, in any form: by its code in GraphQL errors (even with partial data), by HTTP
 * 401 whose code, if any, does not say otherwise (`INVALID_CREDENTIALS`), or by `WWW-Authenticate: Bearer
 * error="invalid_token"`.
 * @see PROTOCOL.md C10, RFC 6750 §3.1
 */
export function readRefusal(answer: Answer, isUnauthenticated?: IsUnauthenticated): Refusal | undefined {
  const { status, challenge, body } = answer
  const { errors } = (body ?? {}) as { errors?: unknown }
  // Without GraphQL errors, the body may be the error (REST). With another status, it may be anything.
  const given: unknown[] = Array.isArray(errors) ? errors : status === 401 ? [body] : []
  const codes = given.map((error) => codeOf(error, status))
  const own = given.map((error) =>
    Array.isArray(errors) && error ? isUnauthenticated?.(error as GraphqlErrorLike) : undefined,
  )
  const verdicts = codes.map(
    (code = '', index) => own[index] ?? (REFUSED.test(code) || (OTHERWISE.test(code) ? false : undefined)),
  )
  const isRefused =
    verdicts.includes(true) ||
    (/\berror="?invalid_token\b/.test(challenge ?? '') && !own.includes(false)) ||
    (status === 401 && !verdicts.includes(false))
  if (!isRefused) return undefined
  const at = Math.max(0, verdicts.indexOf(true))
  const reason = (given[at] as GraphqlErrorLike | null | undefined)?.extensions?.reason
  return { reason: typeof reason === 'string' ? reason : codes[at] }
}

/**
 * The code of an error in capitals and underscores: servers write `invalid-jwt`, `invalid_token` or `TOKEN_EXPIRED`. Without
 * a 401 it must be a GraphQL error: a REST endpoint may report that a link to reset a password has expired.
 */
function codeOf(error: unknown, status: number | undefined): string | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any server
  const any = error as any
  const rest = status === 401 ? [any?.code, any?.error?.code, any?.error] : []
  const code = [any?.extensions?.code, ...rest].find((it) => typeof it === 'string')
  return code?.toUpperCase().replace(/\W+/g, '_')
}

/** Whether any root field of an answer has data, so that this part of the operation ran. */
export function didRun(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).some((value) => value !== null)
}

/** Root fields that need no access token. Operations with only these never wait and never refresh. */
export const PUBLIC_FIELDS: readonly string[] = ['login', 'register', 'refreshToken', 'logout']
