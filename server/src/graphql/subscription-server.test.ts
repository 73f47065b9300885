import { makeExecutableSchema } from '@graphql-tools/schema'
import { expect, it } from '@jest/globals'
import { type AuthError, ForbiddenError, ServiceUnavailableError, UnauthenticatedError } from '../errors.ts'
import { createFormatError } from './format-error.ts'
import { createSubscriptionServer } from './subscription-server.ts'

const schema = makeExecutableSchema({
  typeDefs: `
    directive @auth(requires: Role = USER) on FIELD_DEFINITION
    enum Role { USER ADMIN }
    type Query { nothing: Int }
    type Subscription { everybody: Int @auth(requires: ADMIN), broken: Int @auth, failing: Int @auth }`,
  resolvers: {
    Subscription: {
      everybody: { subscribe: one, resolve: () => 1 },
      broken: { subscribe: one, resolve: () => Promise.reject(new Error('the secret cause')) },
      failing: {
        subscribe: () => {
          throw new ForbiddenError('Not today.')
        },
      },
    },
  },
})

async function* one() {
  yield {}
}

/** Connects a user with the role, subscribes, and collects what the server sends. */
async function talk(query: string, { role = 'USER', refusal = null as AuthError | null } = {}) {
  const heard: unknown[] = []
  const reported: unknown[] = []
  const server = createSubscriptionServer({
    schema,
    services: {
      sessions: {
        authenticate: async () => {
          if (refusal !== null) throw refusal
          return { role }
        },
        recheck: async () => {},
      },
    } as never,
    connections: { hold: () => () => {} },
    formatError: createFormatError({
      report: (cause) => reported.push(cause),
      onError: () => {},
      hideSuggestions: true,
    }),
    hideSuggestions: true,
    limits: { initTimeoutMs: 1_000, maxSubscriptions: 1 },
  })
  let say = async (_message: object): Promise<void> => {}
  const close = (code?: number) => void heard.push(code)
  const closed = server.opened(
    {
      protocol: 'graphql-transport-ws',
      send: (message) => void heard.push(JSON.parse(message)),
      close,
      onMessage: (read) => {
        say = (message) => read(JSON.stringify(message))
      },
    },
    { close, isOpen: () => true },
  )
  await say({ type: 'connection_init', payload: { authorization: 'Bearer x' } })
  await say({ type: 'subscribe', id: '1', payload: { query } })
  await closed(1000, '')
  return { heard: heard.slice(1), first: heard[0], reported }
}

it('S16, S17: refuses the wrong role with FORBIDDEN before anything runs', async () => {
  const { heard } = await talk('subscription { everybody }')
  expect(heard).toEqual([
    {
      type: 'error',
      id: '1',
      payload: [{ message: 'This requires the role ADMIN.', extensions: { code: 'FORBIDDEN' } }],
    },
  ])
  expect((await talk('subscription { everybody }', { role: 'ADMIN' })).heard).toEqual([
    { type: 'next', id: '1', payload: { data: { everybody: 1 } } },
    { type: 'complete', id: '1' },
  ])
})

it('S17, S24: masks and reports causes, as for requests', async () => {
  const { heard, reported } = await talk('subscription { broken }')
  expect(heard).toMatchObject([
    { payload: { errors: [{ path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } },
    { type: 'complete' },
  ])
  expect(JSON.stringify(heard)).not.toContain('secret')
  expect(reported).toMatchObject([{ message: 'the secret cause' }])
  expect((await talk('subscription { failing }')).heard).toMatchObject([
    { payload: { errors: [{ message: 'Not today.', extensions: { code: 'FORBIDDEN' } }] } },
    { type: 'complete' },
  ])
})

it('S17: closes with 1013, not 4403, while the database is unavailable', async () => {
  const away = await talk('subscription { broken }', { refusal: new ServiceUnavailableError(new Error('away')) })
  expect(away.first).toBe(1013)
  expect((await talk('subscription { broken }', { refusal: new UnauthenticatedError('TOKEN_EXPIRED') })).first).toBe(
    4403,
  )
})
