import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buildSchema, type DocumentNode, type ExecutionResult, execute, GraphQLError, parse } from 'graphql'

/** The three ways a server says UNAUTHENTICATED (C10). */
export type Refusal = 'http 401 with a GraphQL body' | 'http 401, bare' | 'http 200 with errors'

/** A fault of one request, on a real socket. */
export type HttpFault = 'drop' | '503' | 'lose the answer' | 'hang' | 'html' | 'rate limit'

const schema = buildSchema(`
  type User { id: ID! }
  type AuthPayload { accessToken: String! accessTokenExpiresIn: Int! refreshToken: String user: User! }
  type Query { me: User serverTime: String! adminOnly: String maybe: String }
  type Mutation {
    login(password: String!): AuthPayload!
    refreshToken(refreshToken: String): AuthPayload!
    logout(refreshToken: String): Boolean!
    increment: Int
    guarded: Int
  }
`)
const PUBLIC = ['login', 'refreshToken', 'logout', 'serverTime']

/** A GraphQL server on a real socket that rotates refresh tokens and produces faults on request. */
export class HttpServer {
  /** How it says UNAUTHENTICATED. */
  refusal: Refusal = 'http 401 with a GraphQL body'
  contentType = 'application/json'
  /** Faults of the next refreshes, one each; `undefined` for none. */
  refreshFaults: (HttpFault | undefined)[] = []
  /** Faults of the next other requests. */
  faults: (HttpFault | undefined)[] = []
  graceMs = 10_000
  /** While true, it refuses every access token. */
  refusesAll = false
  /** Answers to refreshes wait for this. */
  refreshGate: Promise<void> = Promise.resolve()
  /** Answers to other operations wait for this. */
  gate: Promise<void> = Promise.resolve()
  counter = 0
  refreshes = 0
  rotations = 0
  /** The root fields of all requests and their tokens, in order. */
  readonly log: { fields: string[]; authorization: string | undefined }[] = []
  readonly uploads: string[] = []
  readonly #http: Server
  readonly #sockets = new Set<Socket>()
  #userId = 'ada'
  #generation = 0
  #rotatedAt = 0
  #revoked = false
  #issued = 0
  #good = new Set<string>()

  constructor() {
    this.#http = createServer((request, response) => void this.#handle(request, response))
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/graphql`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  /** Expires all current access tokens without telling the client. */
  expire(): void {
    this.#good.clear()
  }

  revoke(): void {
    this.#revoked = true
    this.expire()
  }

  get isLive(): boolean {
    return !this.#revoked
  }

  signIn(userId = 'ada') {
    this.#userId = userId
    this.#generation = 0
    this.#revoked = false
    return this.#issue()
  }

  /** How often a field was executed or refused. */
  count(field: string): number {
    return this.log.filter(({ fields }) => fields.includes(field)).length
  }

  #issue() {
    const accessToken = `access-${this.#userId}-${++this.#issued}`
    this.#good.add(accessToken)
    return {
      accessToken,
      accessTokenExpiresIn: 3_600,
      refreshToken: `${this.#userId}.${this.#generation}`,
      user: { id: this.#userId },
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const text = Buffer.concat(chunks).toString()
    const token = request.headers.authorization?.replace('Bearer ', '')
    const isGraphql = request.headers['content-type'] === 'application/json' && text.includes('"query"')
    if (!isGraphql) return this.#rest(response, token, text)

    const { query, variables } = JSON.parse(text) as { query: string; variables?: Record<string, unknown> }
    const document = parse(query)
    const fields = rootFields(document)
    const isRefresh = fields.includes('refreshToken')
    if (isRefresh) this.refreshes++
    this.log.push({ fields, authorization: token })
    const fault = (isRefresh ? this.refreshFaults : this.faults).shift()
    if (fault === 'drop') return void request.socket.destroy()
    if (fault === 'hang') return
    if (fault === '503') return void response.writeHead(503).end('Service Unavailable')
    if (fault === 'html')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hotel Wi-Fi</h1>')
    if (fault === 'rate limit') {
      return this.#json(response, 200, fail('RATE_LIMITED', { retryAfterSeconds: 1 }))
    }
    const needsToken = !fields.every((field) => PUBLIC.includes(field))
    if (needsToken && !this.#isGood(token) && this.refusal !== 'http 200 with errors') {
      if (this.refusal === 'http 401, bare') return void response.writeHead(401).end()
      return this.#json(response, 401, fail('UNAUTHENTICATED', { reason: 'TOKEN_EXPIRED' }))
    }
    const result = await this.#execute(document, variables, token)
    await (isRefresh ? this.refreshGate : this.gate)
    if (fault === 'lose the answer') return void request.socket.destroy()
    this.#json(response, 200, result)
  }

  /** A REST endpoint on the same server: handles everything that is not GraphQL. */
  #rest(response: ServerResponse, token: string | undefined, text: string): void {
    if (!this.#isGood(token)) return void response.writeHead(401).end()
    this.uploads.push(text)
    response.writeHead(200, { 'content-type': 'text/plain' }).end('kept')
  }

  #json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'content-type': this.contentType }).end(JSON.stringify(body))
  }

  #isGood(token: string | undefined): boolean {
    return !this.refusesAll && !this.#revoked && token !== undefined && this.#good.has(token)
  }

  async #execute(
    document: DocumentNode,
    variableValues: Record<string, unknown> | undefined,
    token: string | undefined,
  ): Promise<ExecutionResult> {
    const guard = <T>(value: () => T) => {
      if (!this.#isGood(token)) throw refuse('UNAUTHENTICATED', 'TOKEN_EXPIRED')
      return value()
    }
    return execute({
      schema,
      document,
      variableValues: variableValues ?? null,
      rootValue: {
        serverTime: 'now',
        maybe: 'here',
        me: () => guard(() => ({ id: this.#userId })),
        adminOnly: () => guard(() => Promise.reject(refuse('FORBIDDEN'))),
        increment: () => ++this.counter,
        guarded: () => guard(() => 1),
        login: ({ password }: { password: string }) =>
          password === 'right' ? this.signIn() : Promise.reject(refuse('INVALID_CREDENTIALS')),
        refreshToken: ({ refreshToken }: { refreshToken?: string }) => this.#rotate(refreshToken),
        logout: () => {
          this.revoke()
          return true
        },
      },
    })
  }

  #rotate(refreshToken: string | undefined) {
    if (refreshToken === undefined) throw refuse('BAD_USER_INPUT')
    if (this.#revoked) throw refuse('FORBIDDEN', 'SESSION_REVOKED')
    const behind = this.#generation - Number(refreshToken.split('.')[1])
    if (behind !== 0 && !(behind === 1 && performance.now() < this.#rotatedAt + this.graceMs)) {
      this.revoke()
      throw refuse('FORBIDDEN', 'REFRESH_TOKEN_REUSED')
    }
    if (behind === 0) {
      this.#generation++
      this.rotations++
      this.#rotatedAt = performance.now()
    }
    return this.#issue()
  }
}

const fail = (code: string, more: object) => ({ errors: [{ message: code, extensions: { code, ...more } }] })

const refuse = (code: string, reason?: string): GraphQLError =>
  new GraphQLError(code, { extensions: { code, ...(reason ? { reason } : {}) } })

function rootFields(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition'
      ? definition.selectionSet.selections.flatMap((field) => (field.kind === 'Field' ? [field.name.value] : []))
      : [],
  )
}
