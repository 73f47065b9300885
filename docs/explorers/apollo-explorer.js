// Preflight script for Apollo Explorer. It signs in once and refreshes the access token before it expires.
// Environment variables: url, email, password. Header of each operation: Authorization: Bearer {{accessToken}}

const { get, set } = explorer.environment
const [url, email, password] = [get('url'), get('email'), get('password')]
const grant = 'accessToken accessTokenExpiresIn refreshToken'

async function send(query, variables) {
  const response = await explorer.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

const signIn = () =>
  send(`mutation ($input: LoginInput!) { grant: login(input: $input) { ${grant} } }`, {
    input: { email, password, deviceName: 'Apollo Explorer' },
  })
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
