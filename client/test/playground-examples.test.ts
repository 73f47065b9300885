import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import {
  buildSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { examplesFor } from '../src/playground/examples/examples.ts'

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'))
const examples = examplesFor('demo@example.com').map(({ query, variables = '{}' }) => {
  const document = parse(query)
  const operation = getOperationAST(document) as OperationDefinitionNode
  return { name: operation?.name?.value, query, document, operation, variables: JSON.parse(variables) }
})

describe('the examples of the playground', () => {
  it.each(examples)('$name is valid, with its variables', ({ document, operation, variables }) => {
    expect(validate(schema, document)).toEqual([])
    expect(getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors).toBeUndefined()
    const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
    expect(Object.keys(variables).sort()).toEqual([...declared].sort())
  })

  it.each(examples)('$name is named after its field, which is the name of its tab', ({ name, operation }) => {
    const [field] = operation.selectionSet.selections
    expect(field?.kind === Kind.FIELD && field.name.value).toBe(name)
  })

  it.each(examples)('$name starts with a comment that fits beside the buttons', ({ query }) => {
    const comments = query.split('\n').filter((line) => line.startsWith('#'))
    expect(comments).not.toEqual([])
    expect(comments.filter((line) => line.length > 50)).toEqual([])
  })

  it('there is one for every field of the schema', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const fields = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}))
    expect(examples.map(({ name }) => name).sort()).toEqual(fields.sort())
  })

  it.each(examples.filter(({ name }) => /^(revoke|change)/.test(name ?? '')))(
    '$name says that it cannot be undone',
    ({ query }) => expect(query.replaceAll('\n# ', ' ')).toContain('This cannot be undone.'),
  )

  it('sign in with the demo user and the cookie, and contain no password', () => {
    const { variables } = examples.find(({ name }) => name === 'login') ?? {}
    expect(variables.input).toMatchObject({ email: 'demo@example.com', password: '', tokenTransport: 'COOKIE' })
    const [login] = examplesFor(null).filter(({ query }) => query.includes('mutation login'))
    expect(login?.variables).not.toContain('demo@')
  })
})
