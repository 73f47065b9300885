/** What the server says about its playground, in `/playground.json`. */
export interface PlaygroundSettings {
  /** The email address of the demo user who can sign in with one click; null when there is none. */
  readonly demoUser: string | null
  /** Where the schema can be downloaded; null when it is not published. */
  readonly schemaUrl: string | null
  /** The server's `COOKIE_NAME`. */
  readonly cookieName: string
}

/** How long the page waits for the settings before it opens without them, in milliseconds. */
const TIMEOUT_MS = 5_000

/** Loads the settings. The playground also works without them: then it offers neither the demo user nor the schema. */
export async function loadSettings(): Promise<PlaygroundSettings> {
  try {
    const response = await fetch('/playground.json', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return readSettings(response.ok ? await response.json() : null)
  } catch {
    return readSettings(null)
  }
}

/** @param json from any server, for example a proxy in between. */
export function readSettings(json: unknown): PlaygroundSettings {
  const { demoUser, schemaUrl, cookieName } = (json ?? {}) as Record<string, unknown>
  return {
    demoUser: textOrNull(demoUser),
    schemaUrl: textOrNull(schemaUrl),
    cookieName: textOrNull(cookieName) ?? 'refresh-token',
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
