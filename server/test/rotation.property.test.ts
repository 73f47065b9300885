import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_REFRESH_PER_SESSION: '0' })
})
afterAll(() => server.stop())

const GRACE_MS = 10_000
const DAY_MS = 86_400_000
const DEVICES = 3

/** The rules for one session in a dozen lines, written independently of the statement they are compared with. */
interface Model {
  /** The refresh token of every generation, and when it expires. */
  chain: { token: string; expiresAt: number }[]
  rotatedAt: number
  endsAt: number
  revoked: boolean
  /** Someone other than the honest client presented a token, or the client retried a lost answer too late. */
  tainted: boolean
}

type Expected = 'successor' | 'REFRESH_TOKEN_EXPIRED' | 'SESSION_REVOKED' | 'REFRESH_TOKEN_REUSED'

function expectedOf(model: Model, generation: number, now: number): Expected {
  const current = model.chain.length - 1
  if (now >= (model.chain[generation]?.expiresAt ?? 0)) return 'REFRESH_TOKEN_EXPIRED'
  if (model.revoked) return 'SESSION_REVOKED'
  const repeated = generation === current - 1 && now < model.rotatedAt + GRACE_MS
  return generation === current || repeated ? 'successor' : 'REFRESH_TOKEN_REUSED'
}

/** A device with an honest client: it keeps the last token it received and retries with it. */
interface Device {
  model: Model
  generation: number
}

const device = fc.nat({ max: DEVICES - 1 })
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('signIn' as const), device }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('refresh' as const), device }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('burst' as const), device, width: fc.integer({ min: 2, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('loseAnswer' as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('signOut' as const), device }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('replayOld' as const), device, back: fc.nat({ max: 4 }) }) },
  // The sums of these steps stay clear of the limits of 10 s, 7 d and 30 d, because real time passes too.
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(3_000, 3_000, 20_000, 3 * DAY_MS) }),
  },
)

it('S5–S9, S12, S14: signs out no honest client and detects every reuse, in any order of events', async () => {
  let [presented, reused] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50, size: 'max' }), async (steps) => {
      const person = somebody()
      await server.client().register(person)
      const devices = new Map<number, Device>()

      async function present(model: Model, generation: number): Promise<Expected> {
        presented += 1
        const now = server.clock.nowMs()
        const expected = expectedOf(model, generation, now)
        const answer = await server
          .client()
          .send(operations.refreshToken, { refreshToken: model.chain[generation]?.token })
        const actual = refusal(answer)?.reason ?? 'successor'
        expect(actual).toBe(expected)
        if (expected === 'REFRESH_TOKEN_REUSED') {
          reused += 1
          model.revoked = true
        }
        if (expected === 'successor') learn(model, generation, answer.body.data?.refreshToken.refreshToken, now)
        return expected
      }

      function learn(model: Model, generation: number, token: string, now: number): void {
        const known = model.chain[generation + 1]
        if (known !== undefined) {
          expect(token).toBe(known.token)
          return
        }
        model.rotatedAt = now
        // Token times are whole seconds; the steps are too large for the rounding to matter.
        model.chain.push({ token, expiresAt: Math.min(now + 7 * DAY_MS, model.endsAt) })
      }

      for (const event of steps) {
        if (event.kind === 'wait') {
          await server.clock.advance({ ms: event.ms })
          continue
        }
        const held = devices.get(event.device)
        if (event.kind === 'signIn' || held === undefined) {
          const now = server.clock.nowMs()
          const { refreshToken } = await server.client().login({
            ...{ email: person.email, password: person.password, deviceId: `device-${event.device}` },
          })
          if (held) held.model.revoked = true // S13: replaced
          const endsAt = now + 30 * DAY_MS
          const chain = [{ token: refreshToken ?? '', expiresAt: now + 7 * DAY_MS }]
          devices.set(event.device, {
            model: { chain, rotatedAt: now, endsAt, revoked: false, tainted: false },
            generation: 0,
          })
          continue
        }
        const { model } = held
        switch (event.kind) {
          case 'refresh':
          case 'burst': {
            const late = held.generation < model.chain.length - 1 && server.clock.nowMs() >= model.rotatedAt + GRACE_MS
            if (late) model.tainted = true
            const honest = !model.tainted && server.clock.nowMs() < (model.chain[held.generation]?.expiresAt ?? 0)
            const width = event.kind === 'burst' ? event.width : 1
            if (width > 1 && expectedOf(model, held.generation, server.clock.nowMs()) === 'successor') {
              const token = model.chain[held.generation]?.token
              const now = server.clock.nowMs()
              const answers = await Promise.all(Array.from({ length: width }, () => server.client().refresh(token)))
              for (const answer of answers) learn(model, held.generation, answer.refreshToken ?? '', now)
              held.generation += 1
            } else if ((await present(model, held.generation)) === 'successor') {
              held.generation += 1
            } else {
              expect(honest).toBe(false)
              devices.delete(event.device)
            }
            break
          }
          case 'loseAnswer':
            // The server rotates (or repeats), but the client gets no answer and keeps its token.
            if (held.generation < model.chain.length - 1 && server.clock.nowMs() >= model.rotatedAt + GRACE_MS) {
              model.tainted = true
            }
            await present(model, held.generation)
            break
          case 'signOut':
            await server.client().logout(undefined, model.chain[held.generation]?.token)
            // An expired token no longer identifies its session, which has expired anyway.
            model.revoked ||= server.clock.nowMs() < (model.chain[held.generation]?.expiresAt ?? 0)
            devices.delete(event.device)
            break
          case 'replayOld': {
            const generation = Math.max(0, held.generation - event.back)
            model.tainted = true
            await present(model, generation)
            break
          }
        }
      }
    }),
    { numRuns: 60, seed: 20_261_124 },
  )
  expect(presented).toBeGreaterThan(500)
  expect(reused).toBeGreaterThan(20)
})
