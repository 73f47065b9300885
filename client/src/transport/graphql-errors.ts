/** The part of a GraphQL error that the adapters read. */
interface ErrorLike {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * Whether a server reports UNAUTHENTICATED in any form: GraphQL errors (even with partial data), HTTP 401 with a GraphQL
 * body, or a bare 401. A 401 whose body has another code (`INVALID_CREDENTIALS`) does not count.
 * @see PROTOCOL.md C10
 */
export function saysUnauthenticated(errors: unknown, status?: number): boolean {
  const codes = Array.isArray(errors) ? errors.map((error: ErrorLike | null) => error?.extensions?.code) : []
  return codes.includes('UNAUTHENTICATED') || (status === 401 && codes.every((code) => code === undefined))
}

/** Whether any root field of an answer has data, so that this part of the operation ran. */
export function didRun(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.values(data).some((value) => value !== null)
}

/** Root fields that need no access token. Operations with only these never wait and never refresh. */
export const PUBLIC_FIELDS: readonly string[] = ['login', 'register', 'refreshToken', 'logout']
