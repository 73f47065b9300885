// A different backend: REST, opaque tokens and its own field names. It is an example of a different API, not of security.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** How long an access token is valid, in milliseconds. */
const LIFE_MS = 2_000

/** @type {Map<string, { user: string, until: number }>} */
const passes = new Map()
/** @type {Map<string, string>} */
const renewals = new Map()

/** @param {string} user */
function issue(user) {
  const [pass, renewal] = [randomUUID(), randomUUID()]
  passes.set(pass, { user, until: performance.now() + LIFE_MS })
  renewals.set(renewal, user)
  return { pass, renewal, user, seconds: LIFE_MS / 1_000 }
}

/** Each route returns a status and an optional body. @type {Record<string, (body: any, pass: string) => [number, object?]>} */
const routes = {
  'POST /sign-in': ({ user, secret }) => (secret === 'open sesame' ? [200, issue(user)] : [403]),
  'POST /refresh': ({ renewal }) => {
    const user = renewals.get(renewal)
    renewals.delete(renewal)
    return user === undefined ? [410] : [200, issue(user)]
  },
  'POST /sign-out': ({ renewal }) => {
    renewals.delete(renewal)
    return [204]
  },
  'GET /notes': (_, pass) => {
    const { user, until } = passes.get(pass) ?? { user: '', until: 0 }
    return performance.now() < until ? [200, { notes: [`Hello, ${user}`] }] : [401]
  },
}

export const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`]
  const body = await text(request)
  const pass = request.headers.authorization?.slice('Bearer '.length) ?? ''
  const [status, answer] = route ? route(body ? JSON.parse(body) : {}, pass) : [404]
  response.writeHead(status, { 'content-type': 'application/json' }).end(answer && JSON.stringify(answer))
})
