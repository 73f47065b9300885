import { type AuthPayloadLike, grantFromAuthPayload, type Session } from '../../index.ts'

const DEVICE = { appId: 'playground', deviceName: 'API playground' }

const LOGIN = `mutation PlaygroundSignIn($input: LoginInput!) {
  login(input: $input) { accessToken accessTokenExpiresIn user { id } }
}`

/** A sign-in failed. The message is for the user. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
}

interface Answer {
  readonly errors?: readonly { readonly message?: unknown; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** Signs in with a password. The refresh token is kept in a cookie. @throws SignInError */
export async function signIn(session: Session, email: string, password: string): Promise<void> {
  const input = { ...DEVICE, email, password, tokenTransport: 'COOKIE' }
  const { data } = await post<{ data: { login: AuthPayloadLike } }>('/graphql', { query: LOGIN, variables: { input } })
  await session.accept(grantFromAuthPayload(data.login))
}

/** Signs in as the demo user, without a password. @throws SignInError */
export async function signInAsDemo(session: Session): Promise<void> {
  const payload = await post<AuthPayloadLike>('/demo-sign-in', { deviceName: DEVICE.deviceName })
  await session.accept(grantFromAuthPayload(payload))
}

async function post<T>(url: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  } catch {
    throw new SignInError('The server cannot be reached. Check that it is running, then try again.')
  }
  const answer: Answer | null = await response.json().catch(() => null)
  if (!response.ok || !answer || answer.errors) throw new SignInError(refusalWords(answer, response.status))
  return answer as T
}

/** Why the server refused a sign-in, in words. */
export function refusalWords(answer: Answer | null, status: number): string {
  const { message, extensions: { code, retryAfterSeconds } = {} } = answer?.errors?.[0] ?? {}
  if (code === 'RATE_LIMITED' && typeof retryAfterSeconds === 'number') {
    return `Too many attempts. Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`
  }
  if (code === 'INVALID_CREDENTIALS') return 'The email or the password is wrong.'
  return typeof message === 'string' && message !== '' ? message : `The server answered with the status ${status}.`
}
