import { createSession, grantFromAuthPayload, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { GraphQLClient } from 'graphql-request'
import { MeDocument, SignInDocument } from '../graphql/graphql.ts'

const { API_URL = 'http://localhost:4000/graphql', EMAIL = '', PASSWORD = '' } = process.env

// A program has no cookie jar: `BODY`. In a page: `COOKIE`, here and in `input`.
const session = createSession({ transport: graphqlTransport({ url: API_URL, tokenTransport: 'BODY' }) })
const client = new GraphQLClient(API_URL, { fetch: silentRefreshFetch(session) })

const input = { email: EMAIL, password: PASSWORD, tokenTransport: 'BODY' as const, deviceName: 'graphql-request' }
const { login } = await client.request(SignInDocument, { input })
await session.accept(grantFromAuthPayload(login))

let refreshes = 0
session.events.subscribe(({ type }) => {
  if (type === 'refreshDone') refreshes++
})
let answers = 0
while (refreshes < 3) {
  const { me } = await client.request(MeDocument) // throws if the server refuses
  if (answers++ === 0) console.log(`Hello, ${me.username}`)
  await new Promise((resolve) => setTimeout(resolve, 200))
}
console.log(`${answers} responses, ${refreshes} refreshes`)
await session.signOut()
session.dispose()
