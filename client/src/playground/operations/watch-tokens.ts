import type { Session } from '../../index.ts'
import { type Operation, type SelectedField, selectRoot } from './read-operation.ts'
import { sessionOfToken } from './session-of-token.ts'

/** What the session has to do with an operation that signs in or out. Messages are for the bar. */
export interface TokenWatch {
  /**
   * Called with the data of the result, or with null if there is none.
   * @returns what the user should know about it, if anything.
   */
  adopt(data: unknown): Promise<string | null>
}

const NEEDED = '`accessToken accessTokenExpiresIn user { id }`'

interface WatchOptions {
  /** The `Authorization` header of the tab. */
  readonly byHand: string | undefined
  /** Called before a `logout` of this session is sent. @returns what is called when the logout is done or has failed. */
  readonly expectSignOut: () => () => void
}

/**
 * Prepares to follow an operation of the editor: a `login` or `register` signs this page in, a `logout` of its session
 * signs it out, and a `refreshToken` with the token that it keeps replaces that token.
 */
export async function watchTokens(
  session: Session,
  operation: Operation,
  { byHand, expectSignOut }: WatchOptions,
): Promise<TokenWatch> {
  await session.ready
  const logout = selectRoot(operation, 'logout', null)
  const refresh = selectRoot(operation, 'refreshToken', null)
  const given = (field: SelectedField | undefined): unknown => field?.args.refreshToken ?? undefined

  // Asked before sending, because the operation may end the session.
  const own =
    given(logout) !== undefined || given(refresh) !== undefined || (logout && byHand !== undefined)
      ? await session.getAccessToken().catch(() => null)
      : null
  const isOwn = (token: unknown): boolean => own !== null && sessionOfToken(token) === sessionOfToken(own)

  // Without an argument and a header, the server ends the session of the cookie.
  const target = given(logout) ?? byHand
  const endsOwn = logout !== undefined && (target === undefined || isOwn(target))
  const stopExpecting = endsOwn ? expectSignOut() : undefined
  const { epoch } = session
  const isSameSignIn = (): boolean => session.epoch === epoch

  async function adopt(data: unknown): Promise<string | null> {
    for (const name of ['login', 'register'] as const) {
      const field = selectRoot(operation, name, data)
      if (field?.value) return acceptSignIn(session, name, field, isSameSignIn())
    }
    // A late result must not end or replace the session of a newer sign-in.
    if (!isSameSignIn()) return null
    const refreshed = selectRoot(operation, 'refreshToken', data)
    if (refreshed?.value && isOwn(given(refreshed))) await acceptRefresh(session, refreshed, own)
    if (selectRoot(operation, 'logout', data)?.value === true && endsOwn) await session.signOut()
    return null
  }
  return { adopt: (data) => adopt(data).finally(stopExpecting) }
}

/** @param isSameSignIn whether nobody has signed in or out since the operation was sent. */
async function acceptSignIn(
  session: Session,
  name: string,
  field: SelectedField,
  isSameSignIn: boolean,
): Promise<string | null> {
  const grant = grantIn(field)
  if (!grant) return `\`${name}\` succeeded. To use its session here, select ${NEEDED}.`
  const { tokenTransport } = (field.args.input ?? {}) as { tokenTransport?: unknown }
  if (grant.refreshToken === null && tokenTransport !== 'COOKIE') {
    return `\`${name}\` succeeded. To use its session here, set \`tokenTransport: COOKIE\` or select \`refreshToken\`. Otherwise this page cannot refresh the access token.`
  }
  // A cookie has already replaced the one of the newer sign-in, so all tabs must follow it.
  if (grant.refreshToken !== null && !isSameSignIn) {
    return `\`${name}\` succeeded, but you have signed in or out since it was sent. This page does not use its session.`
  }
  await session.accept(grant)
  return grant.refreshToken === null
    ? null
    : 'This browser now keeps the refresh token where scripts can read it. With `tokenTransport: COOKIE` they cannot.'
}

/** The refresh token that the session keeps has been spent: it must get the next one. */
async function acceptRefresh(session: Session, field: SelectedField, own: string | null): Promise<void> {
  const grant = grantIn(field)
  if (grant?.refreshToken) await session.accept(grant)
  // Within the grace period, the spent token still returns its successor.
  else await session.getAccessToken({ failed: own, reason: 'TOKEN_EXPIRED' }).catch(() => null)
}

/** The tokens in a result; undefined when too little was selected. */
function grantIn(field: SelectedField) {
  const accessToken = field.select('accessToken')?.value
  const accessTokenExpiresIn = field.select('accessTokenExpiresIn')?.value
  const userId = field.select('user')?.select('id')?.value
  const refreshToken = field.select('refreshToken')?.value ?? null
  const isComplete =
    typeof accessToken === 'string' && typeof accessTokenExpiresIn === 'number' && typeof userId === 'string'
  return isComplete
    ? { accessToken, accessTokenExpiresIn, userId, refreshToken: refreshToken as string | null }
    : undefined
}
