/**
 * The id of the session in an access or refresh token, from its `sid` claim. The token is not verified.
 * @returns null when it is no such token. @see PROTOCOL.md S2
 */
export function sessionOfToken(token: unknown): string | null {
  if (typeof token !== 'string') return null
  const [, claims = ''] = token.split('.')
  try {
    const { sid } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof sid === 'string' ? sid : null
  } catch {
    return null
  }
}
