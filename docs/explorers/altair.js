// Pre-request script for Altair. It signs in once and refreshes the access token before it expires.
// Environment variables: url, email, password. Header of the request: Authorization: Bearer {{accessToken}}
// The tokens are kept in Altair's storage for scripts, so that no environment has to be selected.

const { getEnvironment, setEnvironment, request } = altair.helpers
const [url, email, password] = ['url', 'email', 'password'].map((name) => getEnvironment(name))
const grant = 'accessToken accessTokenExpiresIn refreshToken'

const send = (query, variables) => request('POST', url, { body: { query, variables } })
const signIn = () =>
  send(`mutation ($input: LoginInput!) { grant: login(input: $input) { ${grant} } }`, {
    input: { email, password, deviceName: 'Altair' },
  })
const refresh = (token) =>
  send(`mutation ($token: String) { grant: refreshToken(refreshToken: $token) { ${grant} } }`, { token })
// Only FORBIDDEN with a reason means that the session has ended. After any other error it continues.
const errorIn = ({ errors }) => (errors || [])[0] || { message: 'The server did not answer with GraphQL.' }
const hasEnded = (answer) => {
  const { code, reason } = errorIn(answer).extensions || {}
  return code === 'FORBIDDEN' && reason
}

let session = await altair.storage.get('silent-refresh')
const isSignedIn = session && session.url === url && session.email === email
if (!isSignedIn || Date.now() >= session.refreshAt) {
  let answer = isSignedIn ? await refresh(session.refreshToken) : await signIn()
  if (isSignedIn && hasEnded(answer)) answer = await signIn()
  if (!answer.data) throw new Error(errorIn(answer).message)
  const { accessToken, accessTokenExpiresIn: seconds, refreshToken } = answer.data.grant
  const refreshAt = Date.now() + Math.max(seconds - 5, seconds / 2) * 1000
  session = { url, email, accessToken, refreshToken, refreshAt }
  await altair.storage.set('silent-refresh', session)
}
setEnvironment('accessToken', session.accessToken)
