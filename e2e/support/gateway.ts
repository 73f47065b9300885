import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { text } from 'node:stream/consumers'
import { transform } from 'esbuild'

const LIBRARY = join(import.meta.dirname, '../../client/dist/lib')

const PAGE = `<!doctype html>
<title>Harness</title>
<script type="importmap">
{ "imports": {
  "@silent-refresh/client": "/lib/index.js",
  "@silent-refresh/client/fetch": "/lib/fetch/silent-refresh-fetch.js"
} }
</script>
<script type="module" src="/harness.js"></script>
`

/** A page that knows no session. */
const ELSEWHERE = '<!doctype html><title>Elsewhere</title>'

/** What happens to a held request or response. */
type Verdict = 'pass' | '503'

/**
 * Serves the harness page and the built library, and forwards requests to the real API. Tests use it to count refreshes
 * and to simulate faults of networks and servers.
 */
export class Gateway {
  /** The number of refreshes so far. */
  refreshes = 0
  /** The requests to each API path, without their cookies, and the access tokens that it issued. */
  readonly traffic: Record<string, { sent: string[]; issued: string[] }> = {}
  /** The bodies that pages posted to `/save` with a token. */
  readonly saved: string[] = []
  /** While true, no cookie reaches the browser, as if it blocked them. */
  blocksCookies = false
  readonly #api: URL
  readonly #issued = new Set<string>()
  readonly #expired = new Set<string>()
  #failure: 'hang' | 'cut' | undefined
  readonly #hanging = new Set<ServerResponse>()
  #holding: { what: 'request' | 'response'; wait: Promise<Verdict> } | undefined
  readonly #server = createServer((incoming, outgoing) => {
    this.#handle(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error))
  })

  constructor(api: string) {
    this.#api = new URL(api)
  }

  /** @returns the origin of the gateway. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Refuses all access tokens issued so far, as if they had expired. */
  expire(): void {
    for (const token of this.#issued) this.#expired.add(token)
  }

  /** Holds the next refresh, either before it reaches the server or before its response reaches the tab. */
  hold(what: 'request' | 'response' = 'request'): (verdict?: Verdict) => void {
    let release!: (verdict: Verdict) => void
    const wait = new Promise<Verdict>((resolve) => {
      release = resolve
    })
    this.#holding = { what, wait }
    return (verdict = 'pass') => release(verdict)
  }

  /** Makes the API unreachable: requests get no answer, or lose their connection. @returns what makes it reachable */
  fail(how: 'hang' | 'cut'): () => void {
    this.#failure = how
    return () => {
      this.#failure = undefined
      for (const outgoing of this.#hanging) outgoing.destroy()
      this.#hanging.clear()
    }
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? '/', 'http://gateway').pathname
    if (path.endsWith('/graphql')) return this.#forward(incoming, outgoing, path.slice(0, -'/graphql'.length))
    if (path === '/save') {
      const body = await text(incoming)
      if (incoming.headers.authorization?.startsWith('Bearer ')) this.saved.push(body)
      return send(outgoing, 204, 'text/plain', '')
    }
    if (path === '/harness.js') return send(outgoing, 200, 'text/javascript', await pageScript())
    if (path.startsWith('/lib/')) {
      const file = join(LIBRARY, normalize(path.slice('/lib'.length)))
      return send(outgoing, 200, 'text/javascript', await readFile(file, 'utf8'))
    }
    // A request that is never answered.
    if (path === '/hang') return
    if (path === '/elsewhere') return send(outgoing, 200, 'text/html', ELSEWHERE)
    // Not `no-store`, which keeps pages out of the back/forward cache.
    if (path.endsWith('/')) return send(outgoing, 200, 'text/html', PAGE, 'no-cache')
    send(outgoing, 204, 'text/plain', '')
  }

  /** @param app in whose folder the API is; all have one server, but each has cookies of its own. */
  async #forward(incoming: IncomingMessage, outgoing: ServerResponse, app: string): Promise<void> {
    const body = await text(incoming)
    if (this.#failure === 'cut') return void outgoing.destroy()
    if (this.#failure === 'hang') return void this.#hanging.add(outgoing)
    this.traffic[app] ??= { sent: [], issued: [] }
    const traffic = this.traffic[app]
    traffic.sent.push(`${incoming.headers.authorization} ${body}`)
    const token = incoming.headers.authorization?.slice('Bearer '.length)
    if (token !== undefined && this.#expired.has(token)) {
      const extensions = { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' }
      return send(outgoing, 401, 'application/json', JSON.stringify({ errors: [{ message: 'Expired', extensions }] }))
    }
    const isRefresh = body.includes('mutation SilentRefresh')
    if (isRefresh) this.refreshes++
    const holding = isRefresh ? this.#holding : undefined
    if (holding) this.#holding = undefined
    if (holding?.what === 'request' && (await holding.wait) === '503') return send(outgoing, 503, 'text/plain', '')

    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method } = incoming
      const headers = { ...incoming.headers, cookie: cookiesOf(app, incoming) }
      request(new URL('/graphql', this.#api), { method, headers }, resolve).on('error', reject).end(body)
    })
    const answered = await text(answer)
    const issued = /"accessToken":"([^"]+)"/.exec(answered)?.[1]
    if (issued !== undefined) {
      this.#issued.add(issued)
      traffic.issued.push(issued)
    }
    if (holding?.what === 'response' && (await holding.wait) === '503') return send(outgoing, 503, 'text/plain', '')
    const { 'set-cookie': set = [], ...headers } = answer.headers
    const cookies = this.blocksCookies ? [] : set.map((cookie) => prefixOf(app) + cookie)
    outgoing.writeHead(answer.statusCode ?? 502, { ...headers, 'set-cookie': cookies }).end(answered)
  }
}

function send(outgoing: ServerResponse, status: number, type: string, body: string, cache = 'no-store'): void {
  outgoing.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': cache }).end(body)
}

/** What the names of an app's cookies start with in the browser. */
const prefixOf = (app: string): string => (app === '' ? '' : `${app.slice(1)}.`)

/** The cookies of an app, as its API knows them. */
function cookiesOf(app: string, { headers }: IncomingMessage): string {
  const cookies = headers.cookie?.split('; ') ?? []
  const prefix = prefixOf(app)
  return cookies
    .filter((cookie) => cookie.startsWith(prefix))
    .map((cookie) => cookie.slice(prefix.length))
    .join('; ')
}

/** The script of the harness page without its types. */
async function pageScript(): Promise<string> {
  const source = await readFile(join(import.meta.dirname, 'harness-page.ts'), 'utf8')
  const { code } = await transform(source, { loader: 'ts', target: 'es2022' })
  return code
}
