import type { Session } from '../../index.ts'
import { type Operation, type SelectedField, selectRoot } from './read-operation.ts'
import { sessionOfToken } from './session-of-token.ts'

/** What the session has to do with an operation that signs in or out. Messages are for the bar. */
export interface TokenWatch {
  /** Called with the data of the result. @returns what the user should know about it, if anything. */
  adopt(data: unknown): Promise<string | null>
}

const NEEDED = '`accessToken accessTokenExpiresIn user { id }`'

/**
 * Prepares to follow an operation of the editor: a `login` or `register` signs this page in, a `logout` of its session
 * signs it out, and a `refreshToken` with the token that it keeps replaces that token.
 * @param byHand the `Authorization` header of the tab.
 * @param expectSignOut called before a `logout` of this session is sent.
 */
export async function watchTokens(
  session: Session,
  operation: Operation,
  { byHand, expectSignOut }: { readonly byHand: string | undefined; readonly expectSignOut: () => void },
): Promise<TokenWatch> {
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
  if (endsOwn) expectSignOut()

  return {
    async adopt(data) {
      for (const name of ['login', 'register'] as const) {
        const field = selectRoot(operation, name, data)
        if (field?.value) return acceptSignIn(session, name, field)
      }
      const refreshed = selectRoot(operation, 'refreshToken', data)
      if (refreshed?.value && isOwn(given(refreshed))) await acceptRefresh(session, refreshed, own)
      if (selectRoot(operation, 'logout', data)?.value === true && endsOwn) await session.signOut()
      return null
    },
  }
}

async function acceptSignIn(session: Session, name: string, field: SelectedField): Promise<string | null> {
  const grant = grantIn(field)
  if (!grant) return `\`${name}\` worked. To use its session here, let it select ${NEEDED}.`
  const { tokenTransport } = (field.args.input ?? {}) as { tokenTransport?: unknown }
  if (grant.refreshToken === null && tokenTransport !== 'COOKIE') {
    return `\`${name}\` worked. To use its session here, ask for \`tokenTransport: COOKIE\` or select \`refreshToken\`: without either, this page could not renew the access token.`
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
