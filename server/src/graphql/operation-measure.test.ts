import { expect, it } from '@jest/globals'
import { buildSchema, Kind, type OperationDefinitionNode, parse } from 'graphql'
import { measureOperation } from './operation-measure.ts'

const schema = buildSchema(`
  directive @auth(requires: Role = USER) on FIELD_DEFINITION | OBJECT
  enum Role { USER ADMIN }
  input Input { text: String }
  interface Named { name: String }
  type Open implements Named { name: String, secret: String @auth(requires: ADMIN), login: String }
  type Closed implements Named @auth(requires: ADMIN) { name: String }
  union Any = Open | Closed
  type Query { open: Open, mine: Open @auth, named: Named, any: Any, list: [Open], page(first: Int = 20): [Open] }
  type Mutation { login(input: Input): Open, register(input: Input): Open }`)

function measure(query: string) {
  const document = parse(query)
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  return measureOperation(schema, document, operation as OperationDefinitionNode)
}

it.each([
  ['{ open { name } __typename __schema { types { name } } }', null],
  ['{ open { name } mine { name } }', 'USER'],
  ['{ mine @skip(if: true) { name } }', 'USER'],
  ['{ mine { secret } }', 'ADMIN'],
  ['{ ...Some } fragment Some on Query { open { ... { ... on Open { secret } } } }', 'ADMIN'],
  ['{ named { name } }', 'ADMIN'],
  ['{ any { __typename } }', 'ADMIN'],
])('S16: the role for %s is %s', (query, role) => {
  expect(measure(query).role).toBe(role)
})

it.each([
  ['{ open { login } }', 0],
  ['mutation { login { login } }', 1],
  ['mutation { a: login { name } ...Some ...Some } fragment Some on Mutation { register { name } }', 3],
])('S19: counts the sign-ins in %s as %i', (query, signIns) => {
  expect(measure(query).signIns).toBe(signIns)
})

it.each([
  ['{ open { name } }', 2],
  ['{ list { name } }', 101],
  ['{ page { name login } }', 41],
  ['{ page(first: 3) { name } }', 4],
  ['{ page(first: -3) { name } }', 1],
  ['query ($n: Int) { page(first: $n) { name } }', 101],
])('S19: estimates the cost of %s as %i', (query, cost) => {
  expect(measure(query).cost).toBe(cost)
})

it('measures documents that GraphQL’s own rules refuse', () => {
  const size = { depth: 1, aliases: 0, cost: 1, signIns: 0, role: null }
  expect(measure('{ ... on Input { text } }')).toEqual(size)
  expect(measure('{ ...Some } fragment Some on Unknown { text }')).toEqual(size)
  expect(measure('subscription { unknown }')).toEqual(size)
  expect(measure('{ ...Missing }')).toEqual({ ...size, depth: 0, cost: 0 })
})
