import type { TokenGrant } from '../ports.ts'

/** A grant that has been checked: its user is named by a string. */
export interface Grant extends TokenGrant {
  readonly userId: string
  readonly refreshToken: string | null
}

/**
 * Checks what a server or an app passed for a grant. An unusable lifetime is no fault (C7).
 * @throws TypeError which names the field.
 */
export function checkGrant(given: TokenGrant): Grant {
  const { accessToken, userId, refreshToken } = (given ?? {}) as Partial<TokenGrant>
  const fault = (field: string, expected: string): TypeError =>
    new TypeError(`The token grant must have ${expected} as ${field}.`)
  if (typeof accessToken !== 'string' || !accessToken) throw fault('accessToken', 'a non-empty string')
  if (
    typeof userId !== 'bigint' &&
    (typeof userId === 'number' ? !Number.isFinite(userId) : !userId || typeof userId !== 'string')
  ) {
    throw fault('userId', 'a non-empty string or a number')
  }
  if (refreshToken != null && typeof refreshToken !== 'string') throw fault('refreshToken', 'a string, null or nothing')
  return { ...given, userId: String(userId), refreshToken: refreshToken || null }
}
