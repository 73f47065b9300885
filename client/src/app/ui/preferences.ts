const PREFIX = 'silent-refresh.'

/** What this browser remembers of a choice; null when it does not, or when it is none of `allowed`. */
export function recall<T extends string>(name: string, allowed: readonly T[]): T | null {
  const value = read(name)
  return allowed.find((one) => one === value) ?? null
}

/** Keeps a choice in this browser, where it lets us. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value)
  } catch {
    // Storage is forbidden: the choice lives as long as the page.
  }
}

/** A stable, random name of this browser: a new sign-in takes the place of its last one (S13). */
export function deviceId(): string {
  const known = read('device')
  if (known) return known
  const fresh = crypto.randomUUID?.() ?? String(Math.random()).slice(2)
  remember('device', fresh)
  return fresh
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}
