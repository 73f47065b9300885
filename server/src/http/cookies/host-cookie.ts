/**
 * The name and attributes of a cookie for this host alone, which scripts cannot read. With the prefix `__Host-` browsers
 * require Secure, Path=/ and no Domain.
 * @see RFC 6265bis §4.1.3
 */
export function hostCookie(name: string, secure: boolean) {
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  return { name: secure ? `__Host-${name}` : name, attributes }
}
