import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { createSession, grantFromAuthPayload, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { print } from 'graphql'
import { MeDocument, SignInDocument } from '../graphql/graphql.ts'

const { API_URL = 'http://localhost:4000/graphql', EMAIL = '', PASSWORD = '' } = process.env

// A program has no cookie jar: `BODY`. In a page: `COOKIE`, here and in `input`.
const session = createSession({ transport: graphqlTransport({ url: API_URL, tokenTransport: 'BODY' }) })
const send = silentRefreshFetch(session)

async function request<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  ...[variables]: Record<string, never> extends Variables ? [] : [Variables]
): Promise<Data> {
  const body = JSON.stringify({ query: print(document), variables })
  const response = await send(API_URL, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { data, errors } = await response.json()
  if (errors) throw new Error(errors[0].message, { cause: errors[0] })
  return data
}

const input = { email: EMAIL, password: PASSWORD, tokenTransport: 'BODY' as const, deviceName: 'fetch' }
const { login } = await request(SignInDocument, { input })
await session.accept(grantFromAuthPayload(login))

let refreshes = 0
session.events.subscribe(({ type }) => {
  if (type === 'refreshDone') refreshes++
})
let answers = 0
while (refreshes < 3) {
  const { me } = await request(MeDocument) // throws if the server refuses
  if (answers++ === 0) console.log(`Hello, ${me.username}`)
  await new Promise((resolve) => setTimeout(resolve, 200))
}
console.log(`${answers} responses, ${refreshes} refreshes`)
await session.signOut()
session.dispose()
