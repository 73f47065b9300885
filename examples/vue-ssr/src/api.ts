import { type AuthPayloadLike, grantFromAuthPayload, type Session } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'

export interface Me {
  readonly id: string
  readonly username: string
}

/** Where the API is: on the page's origin, except for the server, which passes an absolute URL. */
interface Options {
  readonly url?: string
  readonly signal?: AbortSignal
}

export async function loadMe(session: Session, options?: Options): Promise<Me> {
  const { me } = await post<{ me: Me }>(session, { query: 'query Me { me { id username } }' }, options)
  return me
}

export async function signIn(session: Session, email: string, password: string): Promise<void> {
  const query = `mutation SignIn($input: LoginInput!) {
    login(input: $input) { accessToken accessTokenExpiresIn user { id } }
  }`
  const input = { email, password, tokenTransport: 'COOKIE' }
  const { login } = await post<{ login: AuthPayloadLike }>(session, { query, variables: { input } })
  await session.accept(grantFromAuthPayload(login))
}

async function post<T>(session: Session, operation: object, { url = '/graphql', signal }: Options = {}): Promise<T> {
  const response = await silentRefreshFetch(session)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operation),
    ...(signal ? { signal } : {}),
  })
  const { data, errors } = (await response.json()) as { data?: T | null; errors?: [{ message: string }] }
  if (!data) throw new Error(errors?.[0].message ?? `HTTP ${response.status}`)
  return data
}
