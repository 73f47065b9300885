/** The closed set of our own codes; Apollo adds codes for requests that are not valid GraphQL. @see PROTOCOL.md S24 */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'INVALID_CREDENTIALS'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'CONFLICT'
  | 'NOT_FOUND'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR'

/** What an error tells the client in addition to its code. */
export interface ErrorDetails {
  readonly reason?: UnauthenticatedReason | RefreshRefusal
  /** Whole seconds until the next attempt can succeed. */
  readonly retryAfterSeconds?: number
  /** The name of the invalid input field. */
  readonly field?: string
}

/** An error whose message may be shown to the user. The messages of all other errors are masked. */
export class AuthError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

const unauthenticatedMessages = {
  TOKEN_MISSING: 'Sign in first: send an access token in the header "Authorization: Bearer …".',
  TOKEN_INVALID: 'The access token is not valid.',
  TOKEN_EXPIRED: 'The access token has expired.',
  SESSION_REVOKED: 'The session has ended.',
}

/** Why an access token was refused. @see PROTOCOL.md S4 */
export type UnauthenticatedReason = keyof typeof unauthenticatedMessages

/** The operation did not run; the client refreshes once and sends it again. @see PROTOCOL.md S4 */
export class UnauthenticatedError extends AuthError {
  constructor(reason: UnauthenticatedReason) {
    super('UNAUTHENTICATED', unauthenticatedMessages[reason], { reason })
  }
}

const refusalMessages = {
  REFRESH_TOKEN_INVALID: 'The refresh token is not valid. Sign in again.',
  REFRESH_TOKEN_EXPIRED: 'The refresh token has expired. Sign in again.',
  SESSION_REVOKED: 'The session has ended. Sign in again.',
  REFRESH_TOKEN_REUSED: 'The refresh token has already been used, so the session was ended. Sign in again.',
}

/** Why a refresh token was refused; each means that the user has to sign in again. @see PROTOCOL.md S11 */
export type RefreshRefusal = keyof typeof refusalMessages

/** The session cannot continue; the client forgets its tokens. @see PROTOCOL.md S11 */
export class RefreshRefusedError extends AuthError {
  constructor(reason: RefreshRefusal) {
    super('FORBIDDEN', refusalMessages[reason], { reason })
  }
}

/** The user whose operation was refused, and the role it requires. For the log, not for the client. */
export interface Refused {
  readonly userId: string
  readonly requiredRole: string
}

/** The user is signed in but does not have the required role. @see PROTOCOL.md S16 */
export class ForbiddenError extends AuthError {
  constructor(
    message: string,
    readonly refused?: Refused,
  ) {
    super('FORBIDDEN', message)
  }
}

/** The same error for an unknown email address and a wrong password. @see PROTOCOL.md S1 */
export class InvalidCredentialsError extends AuthError {
  constructor(message = 'The email or the password is wrong.') {
    super('INVALID_CREDENTIALS', message)
  }
}

export class BadUserInputError extends AuthError {
  constructor(message: string, field?: string) {
    super('BAD_USER_INPUT', message, field === undefined ? {} : { field })
  }
}

export class ConflictError extends AuthError {
  constructor(message: string, field: string) {
    super('CONFLICT', message, { field })
  }
}

export class NotFoundError extends AuthError {
  constructor(message: string) {
    super('NOT_FOUND', message)
  }
}

/** Too many attempts. The client is told to wait in whole seconds, at least one. @see PROTOCOL.md S19 */
export class RateLimitedError extends AuthError {
  constructor(retryAfterMs: number) {
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    super('RATE_LIMITED', `Too many attempts. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
  }
}

/** The database is unavailable or a queue is full. No session has ended, and the client may try again. */
export class ServiceUnavailableError extends AuthError {
  constructor(cause: unknown) {
    super('SERVICE_UNAVAILABLE', 'The service is not available right now. Try again in a moment.', {}, { cause })
  }
}

/** Why the server or a command cannot start. The message tells an operator all that they need, so no stack is shown. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}
