// Signs in and keeps working while access tokens expire, in Node, with only the core and `fetch`.
import { createSession, grantFromAuthPayload, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'

const { API_URL = 'http://localhost:4000/graphql', EMAIL, PASSWORD } = process.env

// A script has no cookie jar: it receives the refresh token in the body and keeps it in memory.
const session = createSession({ transport: graphqlTransport({ url: API_URL, tokenTransport: 'BODY' }) })
const send = silentRefreshFetch(session)

/**
 * @param {string} query
 * @param {object} [variables]
 */
async function ask(query, variables) {
  const response = await send(API_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  if (errors) throw new Error(errors[0].message)
  return data
}

let refreshes = 0
session.events.subscribe((event) => {
  if (event.type === 'refreshDone') console.log(`Refresh ${++refreshes} took ${Math.round(event.ms)} ms.`)
})

const LOGIN = `mutation($input: LoginInput!) {
  login(input: $input) { accessToken accessTokenExpiresIn refreshToken user { id } }
}`
const { login } = await ask(LOGIN, { input: { email: EMAIL, password: PASSWORD, deviceName: 'Example script' } })
await session.accept(grantFromAuthPayload(login))

let answers = 0
while (refreshes < 2) {
  const { me } = await ask('{ me { username } }')
  if (answers++ === 0) console.log(`Signed in as ${me.username}.`)
  await new Promise((resolve) => setTimeout(resolve, 200))
}
console.log(`${answers} responses, none of them refused.`)
await session.signOut()
session.dispose()
