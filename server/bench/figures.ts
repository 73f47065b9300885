import { createSecretKey, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { DataSource } from 'typeorm'
import { median } from '../test/support/median.ts'
import { somebody } from '../test/support/people.ts'
import { operations, type Tokens } from '../test/support/test-client.ts'
import { CONNECTIONS, perSecond, post, timeOf } from './load.ts'

/** A row of the table. */
export type Figure = [what: string, value: string, note?: string]

const rate = (value: number) => `${Math.round(value).toLocaleString('en')}/s`
const ms = (value: number) => `${value.toFixed(1)} ms`
const ratio = (value: number) => value.toFixed(2)

async function signUp(url: string): Promise<Tokens> {
  const { data, errors } = await post(url, operations.register, { input: somebody() })
  if (data == null) throw new Error(JSON.stringify(errors))
  return data.register
}

/** Refreshes, operations with and without a token, and plain database queries, side by side. */
export async function throughput(url: string, dataSource: DataSource): Promise<Figure[]> {
  const signedIn: Tokens[] = []
  for (let i = 0; i < CONNECTIONS; i += 1) signedIn.push(await signUp(url))
  const held = signedIn.map(({ refreshToken }) => refreshToken)
  const rates = await perSecond({
    select: () => dataSource.query('SELECT 1'),
    bare: () => post(url, '{ serverTime }'),
    authenticated: (worker) => post(url, '{ serverTime }', {}, signedIn[worker]?.accessToken),
    me: (worker) => post(url, operations.me, {}, signedIn[worker]?.accessToken),
    async refresh(worker) {
      const { data } = await post(url, operations.refreshToken, { refreshToken: held[worker] })
      held[worker] = data?.refreshToken.refreshToken
    },
  })
  return [
    ['SELECT 1 through the pool', rate(rates.select)],
    ['operation without a token', rate(rates.bare)],
    ['operation with a token', rate(rates.authenticated), `${ratio(rates.authenticated / rates.bare)} of without`],
    ['me, which reads the user', rate(rates.me), `${ratio(rates.me / rates.bare)} of without`],
    ['refresh', rate(rates.refresh), `${ratio(rates.refresh / rates.bare)} of without`],
  ]
}

/** Why secrets become key objects only once. @see PROTOCOL.md S3 */
export function verification(): Figure[] {
  const secret = 'a secret of forty-eight bytes, for the benchmark'
  const token = jwt.sign({ sub: crypto.randomUUID() }, secret, { expiresIn: '1h' })
  const microseconds = (key: string | KeyObject, times: number) => {
    const start = performance.now()
    for (let i = 0; i < times; i += 1) jwt.verify(token, key, { algorithms: ['HS256'] })
    return ((performance.now() - start) * 1_000) / times
  }
  const key = createSecretKey(Buffer.from(secret))
  microseconds(key, 2_000)
  const [asKey, asText] = [microseconds(key, 10_000), microseconds(secret, 1_000)]
  return [
    ['verify a token with a key', `${asKey.toFixed(0)} µs`],
    ['verify a token with a string', `${asText.toFixed(0)} µs`, `${ratio(asText / asKey)} times as long`],
  ]
}

/** How long the other instance still answers an ended session. @see PROTOCOL.md S15 */
export async function revocation(here: string, there: string): Promise<Figure[]> {
  const took: number[] = []
  for (let i = 0; i < 100; i += 1) {
    const { accessToken } = await signUp(here)
    await post(there, operations.me, {}, accessToken)
    await post(here, operations.logout, {}, accessToken)
    took.push(
      await timeOf(async () => {
        for (;;) if ((await post(there, operations.me, {}, accessToken)).errors !== undefined) return
      }),
    )
  }
  return [['revocation on the other instance', ms(median(took)), `worst of 100: ${ms(Math.max(...took))}`]]
}

/** Many tabs at the same time. @see PROTOCOL.md S7 */
export async function concurrentRefreshes(urls: readonly string[]): Promise<Figure[]> {
  const successors: number[] = []
  const took: number[] = []
  let { refreshToken } = await signUp(urls[0] ?? '')
  for (let i = 0; i < 20; i += 1) {
    const found = new Set<string>()
    const refresh = async (_: unknown, tab: number) => {
      const { data } = await post(urls[tab % urls.length] ?? '', operations.refreshToken, { refreshToken })
      found.add(data?.refreshToken.refreshToken)
    }
    took.push(await timeOf(() => Promise.all(Array.from({ length: 24 }, refresh))))
    successors.push(found.size)
    refreshToken = [...found][0] ?? null
  }
  return [
    ['24 refreshes of one token at once', ms(median(took)), `${Math.max(...successors)} successor for all of them`],
  ]
}

/** @see PROTOCOL.md S1 */
export async function signInTiming(url: string): Promise<Figure[]> {
  const { user } = await signUp(url)
  const [wrong, unknown]: [number[], number[]] = [[], []]
  const signIn = (email: string) => post(url, operations.login, { input: { email, password: 'wrong' } })
  for (let i = 0; i < 60; i += 1) {
    wrong.push(await timeOf(() => signIn(user.email)))
    unknown.push(await timeOf(() => signIn(`nobody-${i}@example.com`)))
  }
  return [
    ['sign-in with a wrong password', ms(median(wrong))],
    ['sign-in with an unknown email', ms(median(unknown)), `ratio ${ratio(median(wrong) / median(unknown))}`],
  ]
}
