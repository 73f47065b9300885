// Preflight script for the Laboratory of GraphQL Hive. It signs in once, refreshes the access token before it expires, and
// sets the Authorization header. Environment variables: url, email, and password, or it asks for the password.

const { get, set } = lab.environment
const [url, email] = [get('url'), get('email')]
const grant = 'accessToken accessTokenExpiresIn refreshToken'

async function send(query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

async function signIn() {
  const password = get('password') ?? (await lab.prompt(`Password of ${email}`, ''))
  return send(`mutation ($input: LoginInput!) { grant: login(input: $input) { ${grant} } }`, {
    input: { email, password, deviceName: 'Hive Laboratory' },
  })
}
const refresh = () =>
  send(`mutation ($token: String) { grant: refreshToken(refreshToken: $token) { ${grant} } }`, {
    token: get('refreshToken'),
  })
// Only FORBIDDEN with a reason means that the session has ended. After any other error it continues.
const hasEnded = ({ errors }) => errors?.[0]?.extensions?.code === 'FORBIDDEN' && errors[0].extensions.reason

// A refresh token is for one server only.
const account = `${email} ${url}`
const isSignedIn = get('refreshToken') && get('signedInAs') === account
if (!isSignedIn || Date.now() >= get('refreshAt')) {
  let answer = isSignedIn ? await refresh() : await signIn()
  if (isSignedIn && hasEnded(answer)) answer = await signIn()
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? 'The server did not answer with GraphQL.')
  const { accessToken, accessTokenExpiresIn: seconds, refreshToken } = answer.data.grant
  set('accessToken', accessToken)
  set('refreshToken', refreshToken)
  set('refreshAt', Date.now() + Math.max(seconds - 5, seconds / 2) * 1000)
  set('signedInAs', account)
}
lab.request.headers.set('authorization', `Bearer ${get('accessToken')}`)
