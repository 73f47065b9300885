// Pre-request script for Postman 11 or newer, on a collection or an HTTP request. It signs in once, refreshes the access
// token before it expires, and sets the Authorization header. Environment variables: url, email, password

const environment = pm.environment
const [url, email, password] = ['url', 'email', 'password'].map((name) => environment.get(name))
const grant = 'accessToken accessTokenExpiresIn refreshToken'

async function send(query, variables) {
  const response = await pm.sendRequest({
    url,
    method: 'POST',
    header: { 'Content-Type': 'application/json' },
    body: { mode: 'raw', raw: JSON.stringify({ query, variables }) },
  })
  return response.json()
}

const signIn = () =>
  send(`mutation ($input: LoginInput!) { grant: login(input: $input) { ${grant} } }`, {
    input: { email, password, deviceName: 'Postman' },
  })
const refresh = () =>
  send(`mutation ($token: String) { grant: refreshToken(refreshToken: $token) { ${grant} } }`, {
    token: environment.get('refreshToken'),
  })
// Only FORBIDDEN with a reason means that the session has ended. After any other error it continues.
const hasEnded = ({ errors }) => errors?.[0]?.extensions?.code === 'FORBIDDEN' && errors[0].extensions.reason

// A refresh token is for one server only.
const account = `${email} ${url}`
const isSignedIn = environment.get('refreshToken') && environment.get('signedInAs') === account
if (!isSignedIn || Date.now() >= Number(environment.get('refreshAt'))) {
  let answer = isSignedIn ? await refresh() : await signIn()
  if (isSignedIn && hasEnded(answer)) answer = await signIn()
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? 'The server did not answer with GraphQL.')
  const { accessToken, accessTokenExpiresIn: seconds, refreshToken } = answer.data.grant
  environment.set('accessToken', accessToken)
  environment.set('refreshToken', refreshToken)
  environment.set('refreshAt', Date.now() + Math.max(seconds - 5, seconds / 2) * 1000)
  environment.set('signedInAs', account)
}
pm.request.headers.upsert({ key: 'Authorization', value: `Bearer ${environment.get('accessToken')}` })
