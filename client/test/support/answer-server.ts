import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createSession, type Session } from '../../src/index.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A request as the server received it. */
export interface ReceivedRequest {
  readonly url: string
  readonly token: string | undefined
  readonly body: string
}

/** An answer: its status, its headers, and a body that is sent as JSON unless it is a string. */
export interface CannedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server on a real socket with canned answers, which stands for servers of other makes. */
export class AnswerServer {
  readonly received: ReceivedRequest[] = []
  /** The answer to each request; undefined when it has been written to the response. */
  answer: (request: ReceivedRequest, response: ServerResponse) => CannedAnswer | undefined = () => ({})
  readonly #sockets = new Set<Socket>()
  readonly #http: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const token = request.headers.authorization?.replace('Bearer ', '')
    const received = { url: request.url ?? '', token, body }
    this.received.push(received)
    const canned = this.answer(received, response)
    if (!canned) return
    const { status = 200, headers = {}, body: given = { data: { me: { id: 'ada', __typename: 'User' } } } } = canned
    const type = typeof given === 'string' ? {} : { 'content-type': 'application/json' }
    response.writeHead(status, { ...type, ...headers })
    response.end(typeof given === 'string' ? given : JSON.stringify(given))
  }).on('connection', (socket) => this.#sockets.add(socket))

  /** @returns its URL */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  /** The tokens that it received, in order. */
  get tokens(): (string | undefined)[] {
    return this.received.map(({ token }) => token)
  }
}

/** A session, and the reasons with which tokens were reported as refused. */
export interface AskedSession extends Session {
  readonly asked: (string | undefined)[]
}

/**
 * A session whose server is at `url`: it never sends its tokens, `access-0`, `access-1` and so on, to another origin.
 * The first token is not so young that its refusal would be a matter of time.
 * @param held what each refresh waits for
 */
export async function signedInSession(url = '', held?: Promise<void>): Promise<AskedSession> {
  const asked: (string | undefined)[] = []
  const grant = { accessTokenExpiresIn: 3_600, refreshToken: 'r', userId: 'ada' }
  let refreshes = 0
  const clock = new VirtualClock()
  const session = createSession({
    clock,
    transport: {
      async refresh() {
        await held
        return { ...grant, accessToken: `access-${++refreshes}` }
      },
      checkUrl(other) {
        if (url && new URL(other, url).host !== new URL(url).host) throw new TypeError(`Not our server: ${other}`)
      },
    },
  })
  await session.accept({ ...grant, accessToken: 'access-0' })
  await clock.advance(60_000)
  const { getAccessToken } = session
  return Object.assign(session, {
    asked,
    getAccessToken(request: Parameters<typeof getAccessToken>[0] = {}) {
      if (request.failed) asked.push(request.reason)
      return getAccessToken(request)
    },
  })
}
