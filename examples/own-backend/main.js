// Silent refresh against a different server: all it takes is a transport.
import { once } from 'node:events'
import { createSession, SessionEndedError } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { server } from './server.js'

await once(server.listen(0, '127.0.0.1'), 'listening')
const address = /** @type {import('node:net').AddressInfo} */ (server.address())
const url = `http://127.0.0.1:${address.port}`

/**
 * @param {string} path
 * @param {object} body
 * @param {AbortSignal} [signal]
 */
const post = (path, body, signal) =>
  fetch(url + path, { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) })

/**
 * Converts the server's response.
 * @param {Response} response
 * @returns {Promise<import('@silent-refresh/client').TokenGrant>}
 */
async function grantFrom(response) {
  const { pass, renewal, user, seconds } = await response.json()
  return { accessToken: pass, accessTokenExpiresIn: seconds, refreshToken: renewal, userId: user }
}

const session = createSession({
  transport: {
    async refresh({ refreshToken, signal }) {
      const response = await post('/refresh', { renewal: refreshToken }, signal)
      // Only this ends the session. Any other error is transient: the refresh is retried, and the user stays signed in.
      if (response.status === 410) throw new SessionEndedError('REFRESH_TOKEN_INVALID')
      if (!response.ok) throw new Error(`The server responded with ${response.status}.`)
      return grantFrom(response)
    },
    signOut: ({ refreshToken, signal }) => post('/sign-out', { renewal: refreshToken }, signal),
  },
})
session.onSessionEnded((reason) => console.log(`The session has ended: ${reason}.`))
const send = silentRefreshFetch(session)

await session.accept(await grantFrom(await post('/sign-in', { user: 'ada', secret: 'open sesame' })))

let refreshes = 0
session.events.subscribe(({ type }) => {
  if (type === 'refreshDone') refreshes++
})
let answers = 0
while (refreshes < 2) {
  const response = await send(`${url}/notes`)
  if (response.status !== 200) throw new Error(`Refused with ${response.status}`)
  if (answers++ === 0) console.log((await response.json()).notes[0])
  await new Promise((resolve) => setTimeout(resolve, 100))
}
console.log(`${answers} responses across ${refreshes} refreshes, none of them refused.`)
await session.signOut()
session.dispose()
server.close()
