import { createSession, grantFromAuthPayload, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import type { User } from './users.ts'

// Runs in the browser: an empty page with the built library, controlled by the tests.

/** Time that tests have skipped. Timers do not skip it, so that no tab acts on its own. */
let skippedMs = 0
const clock = {
  now: () => performance.now() + skippedMs,
  // With it, records stay comparable even when IndexedDB hangs, as it sometimes does in WebKit.
  wallTime: () => Date.now() + skippedMs,
  setTimer(task: () => void, ms: number) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

const options = new URLSearchParams(location.search)
/** The API is in the folder of the page. */
const url = new URL('graphql', location.href).href
const session = createSession({
  transport: graphqlTransport({ url }),
  ...(options.has('realClock') ? {} : { clock }),
  refreshTimeoutMs: Number(options.get('refreshTimeoutMs') ?? 10_000),
  onSessionEnded: (reason) => void ended.push(reason),
})
const ended: string[] = []
const send = silentRefreshFetch(session)

async function ask(by: typeof fetch, query: string, variables?: object) {
  const response = await by(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  if (!data) throw new Error(errors[0].extensions.code)
  return data
}

async function signInBy(field: 'register' | 'login', input: object): Promise<void> {
  const type = field === 'register' ? 'RegisterInput' : 'LoginInput'
  const payload = '{ accessToken accessTokenExpiresIn user { id } }'
  const query = `mutation($input: ${type}!) { ${field}(input: $input) ${payload} }`
  const data = await ask(fetch, query, { input: { ...input, tokenTransport: 'COOKIE' } })
  await session.accept(grantFromAuthPayload(data[field]))
}

const harness = {
  session,
  ended,
  /** How often the page came back from the back/forward cache. */
  restored: 0,
  register: (user: User) => signInBy('register', user),
  signIn: ({ email, password }: User) => signInBy('login', { email, password }),
  /** Sends operations at once. @returns the username that each received, or its error */
  operate: (count: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, () =>
        ask(send, '{ me { username } }').then(
          ({ me }) => me.username as string,
          (error: Error) => `${error.name}: ${error.message}`,
        ),
      ),
    ),
  /** Saves a text when the page is left, as an editor does. */
  saveOnLeave(body: string): void {
    const headers = { 'content-type': 'application/json' }
    addEventListener('pagehide', () => {
      send(new Request('/save', { method: 'POST', headers, body, keepalive: true })).catch(() => {})
    })
  },
  skip(ms: number): void {
    skippedMs += ms
  },
}

declare global {
  interface Window {
    /** Set once the stored session has been read. */
    harness?: typeof harness
  }
}

addEventListener('pageshow', ({ persisted }) => {
  if (persisted) harness.restored++
})

await session.ready
window.harness = harness
