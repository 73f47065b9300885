// biome-ignore lint/suspicious/noExplicitAny: an answer has the type that the test expects
type Wire = any

/** An answer as the server sent it. */
export interface Answer {
  status: number
  headers: Headers
  body: { data?: Record<string, Wire> | null; errors?: { message: string; extensions: Record<string, Wire> }[] }
}

export interface Tokens {
  accessToken: string
  accessTokenExpiresIn: number
  refreshToken: string | null
  refreshTokenExpiresIn: number
  user: { id: string; username: string; email: string; role: string }
  session: { id: string; current: boolean }
}

const TOKENS = `{
  accessToken accessTokenExpiresIn refreshToken refreshTokenExpiresIn
  user { id username email role } session { id current }
}`

export const operations = {
  register: `mutation Register($input: RegisterInput!) { register(input: $input) ${TOKENS} }`,
  login: `mutation Login($input: LoginInput!) { login(input: $input) ${TOKENS} }`,
  refreshToken: `mutation Refresh($refreshToken: String) { refreshToken(refreshToken: $refreshToken) ${TOKENS} }`,
  logout: 'mutation Logout($refreshToken: String) { logout(refreshToken: $refreshToken) }',
  me: '{ me { id username email role } }',
} as const

export type TestClient = ReturnType<typeof createTestClient>

/**
 * Speaks plain HTTP and keeps cookies like a browser, without silent refresh.
 * @param headers sent with every request
 * @param jar that of another client, whose server is on the same host
 */
export function createTestClient(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  jar: Map<string, string> = new Map(),
) {
  async function send(query: string, variables: Record<string, unknown> = {}, accessToken?: string): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(jar.size > 0 && { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
      },
      body: JSON.stringify({ query, variables }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
  }

  /** Sends an operation and throws if the answer contains errors. */
  async function tokens(field: 'register' | 'login' | 'refreshToken', variables: Record<string, unknown>) {
    const { body } = await send(operations[field], variables)
    if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors))
    return body.data?.[field] as Tokens
  }

  return {
    jar,
    send,
    register: (input: Record<string, unknown>) => tokens('register', { input }),
    login: (input: Record<string, unknown>) => tokens('login', { input }),
    refresh: (refreshToken?: string | null) => tokens('refreshToken', refreshToken == null ? {} : { refreshToken }),
    logout: (accessToken?: string, refreshToken?: string) =>
      send(operations.logout, refreshToken === undefined ? {} : { refreshToken }, accessToken),
    me: (accessToken?: string) => send(operations.me, {}, accessToken),
  }
}

/** The extensions of the first error, `{ code, reason, … }`; undefined when there is none. */
export function refusal(answer: Answer): Record<string, unknown> | undefined {
  return answer.body.errors?.[0]?.extensions
}
