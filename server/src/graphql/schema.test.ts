import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { createSchema } from './schema.ts'

it('serves schema.graphql unchanged, with every name and description', () => {
  const contract = readFileSync(join(import.meta.dirname, '../../../schema.graphql'), 'utf8')
  const print = (schema: Parameters<typeof printSchema>[0]) => printSchema(lexicographicSortSchema(schema))
  expect(print(createSchema(contract))).toBe(print(buildSchema(contract)))
})
