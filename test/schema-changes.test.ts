import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import { describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const releasedFiles = readdirSync(join(root, 'test/released')).filter((file) => file.endsWith('.graphql'))
const released = read(`test/released/${releasedFiles[0]}`)
const changelog = read('CHANGELOG.md')

/** The field, type or argument that a change concerns: `Query.me` also for its directives. */
const coordinateOf = ({ path = '' }: Change) => path.replace(/\.@.*/, '')

/**
 * Whether clients of the released schema may fail. In addition to what breaks every client by its form, these are changed
 * default values, and `@auth` on something that was public or required a lesser role.
 */
function isBreaking(change: Change, changes: readonly Change[]): boolean {
  const { type, path = '', criticality } = change
  if (criticality.level === CriticalityLevel.Breaking || /_DEFAULT(_VALUE)?_CHANGED$/.test(type)) return true
  if (!/\.@auth\b/.test(path) || !type.endsWith('_ADDED')) return false
  const coordinate = coordinateOf(change)
  const isNew = ({ type, path }: Change) =>
    /^(TYPE|FIELD)_ADDED$/.test(type) && [coordinate, coordinate.split('.')[0]].includes(path)
  return !changes.some(isNew)
}

/** What the section *Unreleased* announces: the code in bullets that start with **Breaking**. */
function announcedIn(text: string): string[] {
  const [, unreleased = ''] = /^## \[Unreleased\]\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(text) ?? []
  const bullets = unreleased.split(/^(?=[-#])/m).filter((part) => /^- \*\*Breaking\b/.test(part))
  return bullets.flatMap((bullet) => [...bullet.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
}

/** The breaking changes that the changelog does not announce, each with its coordinate. */
async function unannounced(before: string, after: string, text: string): Promise<string[]> {
  const changes = await diff(buildSchema(before), buildSchema(after))
  const announced = announcedIn(text)
  return changes
    .filter((change) => isBreaking(change, changes) && !announced.includes(coordinateOf(change)))
    .map((change) => `\`${coordinateOf(change)}\`: ${change.message}`)
}

it('has the schema of one release to compare with', () => {
  expect(releasedFiles).toEqual([expect.stringMatching(/^schema-\d+\.\d+\.\d+\.graphql$/)])
})

it('announces every breaking change of the schema in CHANGELOG.md, under Unreleased', async () => {
  expect(await unannounced(released, read('schema.graphql'), changelog)).toEqual([])
})

describe('the check', () => {
  const before = `
    directive @auth(requires: Role = USER) on FIELD_DEFINITION | OBJECT
    enum Role { USER ADMIN }
    type User { id: ID!, name: String! }
    type Query { me: User! @auth, users(first: Int = 20, search: String): [User!]!, time: String! }`
  const changed = (from: string, to: string) => {
    expect(before).toContain(from)
    return before.replace(from, to)
  }
  const log = (...lines: string[]) => ['# Changelog', '', '## [Unreleased]', ...lines, '', '## [1.0.0]', ''].join('\n')

  it.each([
    ['a removed field', 'me: User! @auth,', '', 'Query.me'],
    ['a field that may be null', 'name: String!', 'name: String', 'User.name'],
    ['a removed argument', ', search: String', '', 'Query.users.search'],
    ['a required argument', 'search: String', 'search: String!', 'Query.users.search'],
    ['another default value', 'Int = 20', 'Int = 10', 'Query.users.first'],
    ['a removed value', 'enum Role { USER ADMIN }', 'enum Role { USER }', 'Role.ADMIN'],
    ['a field that now requires a user', 'time: String!', 'time: String! @auth', 'Query.time'],
    ['a type that now requires a user', 'type User {', 'type User @auth {', 'User'],
    ['a field that now requires an admin', '@auth,', '@auth(requires: ADMIN),', 'Query.me'],
  ])('reports %s, and accepts it once it is announced', async (_name, from, to, coordinate) => {
    const after = changed(from, to)
    const report = [expect.stringContaining(`\`${coordinate}\`: `)]
    expect(await unannounced(before, after, log())).toEqual(report)
    expect(await unannounced(before, after, log('### Server', `- **Breaking:** \`${coordinate}\` differs.`))).toEqual(
      [],
    )
    expect(
      await unannounced(before, after, log('- **Breaking:** two things differ: `a`,', `  \`${coordinate}\`.`)),
    ).toEqual([])
    expect(await unannounced(before, after, log(`- \`${coordinate}\` differs.`))).toEqual(report)
    expect(await unannounced(before, after, log('- **Breaking:** `Query.other` is gone.'))).toEqual(report)
    const earlier = `${log()}- **Breaking:** \`${coordinate}\` differed in an earlier release.\n`
    expect(await unannounced(before, after, earlier)).toEqual(report)
  })

  it.each([
    ['a new field', 'time: String!', 'time: String!, day: String! @auth(requires: ADMIN)'],
    ['a new type', 'type User {', 'type Day @auth { id: ID! } type User {'],
    ['a new optional argument', 'search: String', 'search: String, sort: String'],
    ['a field that no longer requires a user', '@auth,', ','],
    ['a description', 'type User {', '"A person." type User {'],
    ['a deprecation', 'time: String!', 'time: String! @deprecated(reason: "Use the clock.")'],
  ])('accepts %s without an announcement', async (_name, from, to) => {
    expect(await unannounced(before, changed(from, to), log())).toEqual([])
  })

  it('reports a field removed from the real schema', async () => {
    const without = released.replace(/^ {2}"The server's clock\..*\n {2}serverTime: DateTime!\n/m, '')
    expect(await unannounced(released, without, changelog)).toEqual([expect.stringContaining('`Query.serverTime`')])
  })
})
