import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql'
import { queryLimits, queryLimitsRule } from '../src/graphql/query-limits.ts'
import { somebody } from './support/people.ts'
import { type Answer, operations } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
let production: TestServer
beforeAll(async () => {
  server = await startTestServer()
  production = await startTestServer({ INTROSPECTION: 'false' }, { beside: server })
})
afterAll(async () => {
  await production.stop()
  await server.stop()
})

const firstError = (answer: Answer) => ({
  status: answer.status,
  code: answer.body.errors?.[0]?.extensions.code,
  message: answer.body.errors?.[0]?.message,
})
const times = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, i) => make(i))

describe('depth', () => {
  const recursive = buildSchema('type Query { down: Query, here: Int }')
  const problems = (query: string) => validate(recursive, parse(query), [queryLimitsRule]).map(({ message }) => message)
  const deep = (levels: number) => `${'{ down '.repeat(levels - 1)}{ here }${' }'.repeat(levels - 1)}`

  it('accepts an operation of the maximum depth and refuses one more level', () => {
    expect(problems(deep(queryLimits.maxDepth))).toEqual([])
    expect(problems(deep(queryLimits.maxDepth + 1))).toEqual([expect.stringContaining('its depth exceeds 10')])
  })

  it('includes named and inline fragments', () => {
    const half = `{ down { down { down { down { down { ...Rest } } } } } }`
    const rest = (levels: number) => `fragment Rest on Query ${deep(levels)}`
    expect(problems(`${half} ${rest(5)}`)).toEqual([])
    expect(problems(`${half} ${rest(6)}`)).toHaveLength(1)
    expect(problems(`{ ... on Query ${deep(11)} }`)).toHaveLength(1)
  })

  it('stops at a cycle of fragments', () => {
    expect(problems('{ ...A } fragment A on Query { down { ...B } } fragment B on Query { down { ...A } }')).toEqual([])
  })

  it('measures each fragment once, so that fragments of fragments cost no time', () => {
    const fragments = times(60, (i) => `fragment F${i} on Query { ...F${i + 1} a${i}: down { ...F${i + 1} } }`)
    const query = `{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { here }`
    expect(problems(query)).toEqual(expect.arrayContaining([expect.stringContaining('cost exceeds 5000')]))
  })
})

describe('aliases, cost and tokens', () => {
  it('accepts 20 aliases and refuses one more', async () => {
    const clocks = (count: number) => `{ ${times(count, (i) => `t${i}: serverTime`).join(' ')} }`
    expect((await server.client().send(clocks(20))).body.errors).toBeUndefined()
    expect(firstError(await server.client().send(clocks(21)))).toEqual({
      status: 400,
      code: 'GRAPHQL_VALIDATION_FAILED',
      message:
        'The operation is too large: its number of aliases exceeds 20. Request less, or split it into several requests.',
    })
  })

  it('refuses large pages before anything runs, given as literals or variables', async () => {
    const { accessToken } = await server.client().register(somebody())
    const page = (name: string, first: string) =>
      `${name}: securityEvents(first: ${first}) { edges { node { id type at reason session { id deviceName } } } }`
    const pages = (count: number, first: string) => times(count, (i) => page(`p${i}`, first)).join(' ')
    const answer = await server.client().send(`{ ${pages(2, '100')} }`, {}, accessToken)
    expect(answer.body.errors).toBeUndefined()
    const before = server.statements.length
    for (const query of [`{ ${pages(6, '100')} }`, `query ($n: Int) { ${pages(6, '$n')} }`]) {
      const refused = await server.client().send(query, { n: 1 }, accessToken)
      expect(firstError(refused)).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' })
      expect(refused.body.errors?.[0]?.message).toContain('its cost exceeds 5000')
    }
    expect(server.statements.length).toBe(before)
  })

  it('S19: counts the list of sessions as 100 items, its maximum length', async () => {
    const own = await startTestServer()
    try {
      const person = somebody()
      const { accessToken, user, session } = await own.client().register(person)
      await own.dataSource.query(
        `INSERT INTO sessions SELECT (jsonb_populate_record(sessions, jsonb_build_object(
           'id', gen_random_uuid(), 'device_id', 'device-' || i, 'last_seen_at', last_seen_at + interval '1 s'))).*
         FROM sessions, generate_series(1, 104) AS i WHERE user_id = $1`,
        [user.id],
      )
      const list = (count: number) =>
        `{ ${times(count, (i) => `s${i}: sessions { id deviceName current }`).join(' ')} }`
      const { body } = await own.client().send(list(1), {}, accessToken)
      expect(body.data?.s0).toHaveLength(100)
      expect(body.data?.s0[0]).toMatchObject({ id: session.id, current: true })
      expect(firstError(await own.client().send(list(17), {}, accessToken)).message).toContain('its cost exceeds 5000')
    } finally {
      await own.stop()
    }
  })

  it('refuses a document with too many tokens while parsing it', async () => {
    expect(firstError(await server.client().send(`{ ${'serverTime '.repeat(3_000)} }`))).toEqual({
      status: 400,
      code: 'GRAPHQL_PARSE_FAILED',
      message: expect.stringContaining('3000 tokens'),
    })
  })
})

describe('requests', () => {
  it('accepts several operations if the request names one', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'query A { a: serverTime } query B { b: serverTime }', operationName: 'B' }),
    })
    expect(await response.json()).toEqual({ data: { b: expect.any(String) } })
  })

  it('accepts introspection outside production only', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, oneOf: true })
    expect((await server.client().send(query)).body.data?.__schema.types.length).toBeGreaterThan(10)
    for (const hidden of [query, '{ __type(name: "User") { name } }']) {
      const answer = await production.client().send(hidden)
      expect(firstError(answer)).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' })
      expect(answer.body.data).toBeUndefined()
    }
  })

  it('does not suggest names in production', async () => {
    const guess = '{ serverTim }'
    expect(firstError(await server.client().send(guess)).message).toContain('Did you mean "serverTime"?')
    expect(firstError(await production.client().send(guess)).message).toBe(
      'Cannot query field "serverTim" on type "Query".',
    )
    const input = 'mutation { login(input: { emai: "a@example.com", password: "x" }) { accessToken } }'
    expect(JSON.stringify((await production.client().send(input)).body)).not.toContain('Did you mean')
    const variables = { input: { emai: 'a@example.com', email: 'a@example.com', password: 'x' } }
    const told = await server.client().send(operations.login, variables)
    expect(firstError(told).message).toContain('Did you mean "email"?')
    const silent = await production.client().send(operations.login, variables)
    expect(firstError(silent)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' })
    expect(firstError(silent).message).toMatch(/Field "emai" is not defined by type "LoginInput"\.$/)
  })
})
