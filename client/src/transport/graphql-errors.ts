/** The part of a GraphQL error that the adapters look at. */
interface ErrorLike {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * Whether a server says UNAUTHENTICATED, in any of its ways: GraphQL errors (beside partial data too), HTTP 401 with a
 * GraphQL body, a bare 401. A 401 whose body names another code (`INVALID_CREDENTIALS`) is not meant.
 * @see PROTOCOL.md C10
 */
export function saysUnauthenticated(errors: unknown, status?: number): boolean {
  const codes = Array.isArray(errors) ? errors.map((error: ErrorLike | null) => error?.extensions?.code) : []
  return codes.includes('UNAUTHENTICATED') || (status === 401 && codes.every((code) => code === undefined))
}

/** Whether some root field of an answer has data: then that part of the operation did run. */
export function didRun(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).some((value) => value !== null)
}

/** Root fields that need no access token: with them nothing waits and nothing is refreshed. */
export const PUBLIC_FIELDS: readonly string[] = ['login', 'register', 'refreshToken', 'logout']
