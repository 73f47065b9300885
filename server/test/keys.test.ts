import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

const ring = (...kids: string[]) =>
  kids.map((kid) => ({ kid, secret: `the secret of the key ${kid}, which is longer than 32 bytes` }))
const keys = (...kids: string[]) => ({
  access: ring(...kids.map((kid) => `a-${kid}`)),
  refresh: ring(...kids.map((kid) => `r-${kid}`)),
})

/** The steps of a key rotation, as in docs/operations.md. */
const steps = [['old'], ['old', 'new'], ['new', 'old'], ['new']]

let instances: TestServer[]
beforeAll(async () => {
  const first = await startTestServer({}, { keys: keys('old') })
  instances = [first]
  for (const kids of steps.slice(1)) instances.push(await startTestServer({}, { beside: first, keys: keys(...kids) }))
})
afterAll(async () => {
  for (const instance of instances.reverse()) await instance.stop()
})

const kidOf = (token: string | null) => JSON.parse(String(Buffer.from(token?.split('.')[0] ?? '', 'base64url'))).kid
const at = (step: number) => instances[step] as TestServer
const meAt = async (step: number, tokens: Tokens) => refusal(await at(step).client().me(tokens.accessToken))
const refreshAt = (step: number, tokens: Tokens) => at(step).client().refresh(tokens.refreshToken)

describe('S2: key rotation', () => {
  it('S2: signs nobody out: each step accepts the tokens of the previous one', async () => {
    let tokens = await at(0).client().register(somebody())
    expect([kidOf(tokens.accessToken), kidOf(tokens.refreshToken)]).toEqual(['a-old', 'r-old'])
    for (const [step, signer] of [
      [1, 'old'],
      [2, 'new'],
      [3, 'new'],
    ] as const) {
      expect(await meAt(step, tokens)).toBeUndefined()
      tokens = await refreshAt(step, tokens)
      expect([kidOf(tokens.accessToken), kidOf(tokens.refreshToken)]).toEqual([`a-${signer}`, `r-${signer}`])
      expect(await meAt(step, tokens)).toBeUndefined()
    }
  })

  it('S2, S23: instances before and after a step accept each other’s tokens during a rolling restart', async () => {
    for (const [before, after] of [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      let tokens = await at(after).client().register(somebody())
      for (const step of [before, after, before, after]) {
        expect(await meAt(step, tokens)).toBeUndefined()
        tokens = await refreshAt(step, tokens)
        expect(await meAt(before, tokens)).toBeUndefined()
        expect(await meAt(after, tokens)).toBeUndefined()
      }
    }
  })

  it('S2, S7: a refresh repeated on an instance after the step leads to the same generation', async () => {
    const tokens = await at(1).client().register(somebody())
    const [first, second] = [await refreshAt(1, tokens), await refreshAt(2, tokens)]
    expect(first.session.id).toBe(second.session.id)
    await refreshAt(1, second)
    expect((await refreshAt(2, first)).session.id).toBe(tokens.session.id)
  })

  it('S2: a key removed too early makes its tokens invalid but ends no session; they work again once it is back', async () => {
    const tokens = await at(1).client().register(somebody())
    expect(await meAt(3, tokens)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' })
    const refused = await at(3).client().send(operations.refreshToken, { refreshToken: tokens.refreshToken })
    expect(refusal(refused)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
    await refreshAt(2, tokens)
  })
})
