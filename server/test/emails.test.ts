import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Accounts1767225600005 } from '../src/db/migrations/0006-accounts.ts'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const search = async (text: string) =>
  (await server.app.services.admin.listUsers({}, text)).items.map(({ node }) => node.email)

it('S1: the domain in ASCII and in Unicode mean the same account', async () => {
  const person = somebody({ email: 'Jörg@xn--bcher-kva.example' })
  const { user } = await server.client().register(person)
  expect(user.email).toBe('jörg@bücher.example')
  for (const email of ['jörg@bücher.example', 'jo\u0308rg@XN--BCHER-KVA.example']) {
    const input = { email, password: person.password }
    expect((await server.client().login(input)).user.id).toBe(user.id)
    expect((await server.app.services.admin.findUser(email)).id).toBe(user.id)
    const taken = await server.client().send(operations.register, { input: somebody({ email }) })
    expect(refusal(taken)).toEqual({ code: 'CONFLICT', field: 'email' })
  }
})

it('finds users by any part of their email address, as by their name', async () => {
  const ligature = (await server.client().register(somebody({ username: 'ﬁnn', email: 'ﬁ@straße.example' }))).user.email
  const plain = (await server.client().register(somebody({ username: 'finnegan', email: 'finn@example.com' }))).user
    .email
  expect(await search('ﬁ@')).toEqual([ligature])
  expect(await search('@STRASSE')).toEqual([])
  expect(await search('@xn--strae-oqa')).toEqual([ligature])
  expect(await search('ﬁnn')).toEqual([ligature, plain]) // as names, both are the same
  expect(await search('n@exam')).toEqual([plain])
})

it('S1: the migration stores the canonical form, and leaves accounts alone whose mailbox is taken', async () => {
  const insert = async (email: string, createdAt: string) => {
    const name = randomUUID()
    const [{ id }] = await server.dataSource.query(
      `INSERT INTO users (username, username_key, email, password_hash, created_at) VALUES ($1, $1, $2, '', $3) RETURNING id`,
      [name, email, createdAt],
    )
    return id
  }
  const emails = {
    'a@xn--bcher-kva.example': 'a@bücher.example',
    'b@ﬁ.example': 'b@fi.example',
    'c@bücher.example': 'c@bücher.example',
    'c@xn--bcher-kva.example': 'c@xn--bcher-kva.example', // the one above has it already
    'd@xn--fa-hia.ﬁ.example': 'd@faß.fi.example', // the older one
    'd@faß.ﬁ.example': 'd@faß.ﬁ.example',
    'e@xn--a.example': 'e@xn--a.example', // no longer accepted
    'xn--f@example.com': 'xn--f@example.com',
  }
  const ids: string[] = []
  for (const [year, email] of Object.keys(emails).entries()) ids.push(await insert(email, `20${10 + year}-01-01`))
  const runner = server.dataSource.createQueryRunner()
  const migration = new Accounts1767225600005()
  await migration.down(runner)
  await migration.up(runner)
  await runner.release()
  const rows = await server.dataSource.query('SELECT email FROM users WHERE id = ANY($1) ORDER BY created_at', [ids])
  expect(rows.map(({ email }: { email: string }) => email)).toEqual(Object.values(emails))
})
