import { postRequest } from '../../load/requests.ts'
import { type Client, expectSuccess, repeat } from '../../load/run-load.ts'
import { startOurServer } from '../../processes/our-server.ts'
import { addHistory, type SignedIn, signUp } from '../../processes/people.ts'
import { type Contender, clientsFor } from '../contender.ts'
import { labels } from '../labels.ts'

const queries = {
  me: '{ me { id username email role createdAt } }',
  sessions: '{ sessions { id current appId deviceName userAgent ipAddress createdAt lastSeenAt expiresAt } }',
  securityEvents: `{ securityEvents(first: 20) {
    edges { cursor node { id type at reason ipAddress userAgent session { id deviceName } } }
    pageInfo { hasNextPage endCursor }
  } }`,
}

/** Spends its refresh token again and again, each time the one that it was given last. */
function refreshing(url: string, first: string): Client {
  const query = `mutation Refresh($refreshToken: String) {
    refreshToken(refreshToken: $refreshToken) { accessToken accessTokenExpiresIn refreshToken }
  }`
  let refreshToken = first
  return {
    next: () => postRequest(`${url}/graphql`, JSON.stringify({ query, variables: { refreshToken } })),
    read(response) {
      expectSuccess(response)
      refreshToken = JSON.parse(response.body.toString()).data.refreshToken.refreshToken
    },
  }
}

/** The built server as in production. Each connection is another user on another device. */
export const silentRefresh: Contender = {
  name: 'Silent Refresh',
  labels: [labels.refreshToken, labels.me, labels.sessions, labels.securityEvents],
  async start(setting) {
    const databaseUrl = await setting.postgres.createDatabase('sessions')
    const server = await startOurServer(setting.core, { DATABASE_URL: databaseUrl })
    const people: SignedIn[] = []
    for (let index = 0; index < setting.maxConnections; index += 1) people.push(await signUp(server.url))
    await addHistory(databaseUrl, { sessions: 4, events: 40 })
    const person = (index: number) => people[index] as SignedIn
    const asking = (query: string) =>
      clientsFor(setting, (index) => {
        const headers = { authorization: `Bearer ${person(index).accessToken}` }
        return repeat(postRequest(`${server.url}/graphql`, JSON.stringify({ query }), headers))
      })
    return {
      ...server,
      workloads: [
        {
          label: labels.refreshToken,
          clients: clientsFor(setting, (index) => refreshing(server.url, person(index).refreshToken)),
        },
        { label: labels.me, clients: asking(queries.me) },
        { label: labels.sessions, clients: asking(queries.sessions) },
        { label: labels.securityEvents, clients: asking(queries.securityEvents) },
      ],
    }
  },
}
