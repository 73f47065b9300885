type Headers = Readonly<Record<string, unknown>>

/**
 * The `Authorization` header that the user has written in the tab, whatever the case of its name.
 * @returns undefined when there is none. An empty one counts: the operation is then sent without a token.
 */
export function authorizationByHand(headers: Headers | null | undefined): string | undefined {
  const found = Object.entries(headers ?? {}).find(([name]) => name.trim().toLowerCase() === 'authorization')
  return found && String(found[1])
}
