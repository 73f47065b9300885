import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type EndReason, RefreshFailedError, type Session, SessionEndedError } from '../src/session/index.ts'
import type { AuthServer, Fault } from './support/auth-server.ts'
import { CookieJar } from './support/cookie-jar.ts'
import { SharedLock, type Tab, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

const SEED = 20_261_124
const RUNS = 1_500
const TABS = 3
const PEOPLE = ['ada', 'bob']
/** The longest that anything may take: both locks, and a refresh with its storage. */
const LONGEST_WAIT_MS = 2 * 10_500 + 12_000

const tab = fc.nat({ max: TABS - 1 })
const faults: Fault[] = ['dropped', 'unavailable', 'answerLost', 'hangs', 'late', 'busy']
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('operate' as const), tab, abortAfterMs: aborts() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('signIn' as const), tab, userId: fc.constantFrom(...PEOPLE) }),
  },
  // For two seconds, a field that the server always refuses, whatever the token.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('poll' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('signOut' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wake' as const), tab }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('setClock' as const),
      byMs: fc.constantFrom(-86_400_000, -50_000, 50_000, 86_400_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), userId: fc.constantFrom(...PEOPLE) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('roleChange' as const), userId: fc.constantFrom(...PEOPLE) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trouble' as const), fault: fc.constantFrom(...faults) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 49, 50, 51, 100, 300, 3_000, 9_999, 12_000, 50_000, 59_000, 60_000, 3_600_000),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function aborts() {
  return fc.option(fc.constantFrom(0, 1, 60), { freq: 5, nil: undefined })
}

/** The rules in a few lines, written independently of the code they are compared with. */
class Model {
  readonly revoked = new Set<string>()
  /** Some refresh took as long as it is allowed to. */
  slow = false
  signIns = 0
  /** How far the device's clock was set, in milliseconds. */
  wallOffset = 0
  /** Somebody set the device's clock. */
  clockWasSet = false
  /** Operations without an outcome so far. */
  readonly open = new Set<string>()
  readonly broken: string[] = []
  readonly world: World
  /** Whether the server says why it refuses a token. */
  readonly givesReasons: boolean
  readonly #refusedAnywhere = new Set<string>()
  #count = 0
  /** When each tab heard that a token was refused. */
  readonly #refused = new WeakMap<Session, Map<string, number>>()

  constructor(world: World, givesReasons: boolean) {
    this.world = world
    this.givesReasons = givesReasons
    world.clock.wallTime = () => 1e12 + world.clock.now() + this.wallOffset
  }

  /** C2: a refused token stays in use only in the first half of its life, and if its refusal is no clear word. */
  mayStay(token: string, server: AuthServer): boolean {
    const ageMs = this.world.clock.now() - server.issuedAt(token)
    // A tab that adopts a stored token takes the start of its own refresh for that of the token.
    const maxAgeMs = 30_000 + (this.slow ? 12_000 : 1_000)
    return ageMs < maxAgeMs && (!this.givesReasons || this.#refusedAnywhere.size > 2)
  }

  /** Sends an operation as an adapter does, and checks its outcome against the rules. */
  async operate({ session }: Tab, signal?: AbortSignal, isAlwaysRefused = false): Promise<void> {
    const { server, clock } = this.world
    const who = session.userId
    const name = `operation ${++this.#count} of ${who}`
    const may = (allowed: boolean, what: string): void => {
      if (!allowed) this.broken.push(`${name} ${what}`)
    }
    this.open.add(name)
    try {
      const token = await session.getAccessToken({ signal })
      if (token === null) return may(who === null, 'went out as a visitor’s')
      const isAccepted = server.accepts(token) !== null
      if (isAccepted) may(server.accepts(token) === who, `ran as ${server.accepts(token)} (C8)`)
      if (isAccepted && !isAlwaysRefused) return
      const mayBeInvalid = isAccepted || server.isOver(token) || server.isEndedEarly(token)
      may(mayBeInvalid || this.clockWasSet, 'went out with an invalid token (C7)')
      const refused = this.#refused.get(session) ?? new Map<string, number>()
      this.#refused.set(session, refused.set(token, refused.get(token) ?? clock.now()))
      this.#refusedAnywhere.add(token)
      const refusedAt = clock.now()
      const mayStay = this.mayStay(token, server)
      const reason = this.givesReasons ? server.reasonOf(token) : undefined
      const renewed = await session.getAccessToken({ failed: token, reason, signal })
      if (renewed === token) {
        may(mayStay, 'was replayed with a refused token that is old, or clearly invalid (C2)')
        return may(clock.now() - refusedAt >= 500, 'was replayed with the same token at once (C2)')
      }
      may(
        (refused.get(String(renewed)) ?? clock.now()) === clock.now() ||
          server.isOver(String(renewed)) ||
          this.mayStay(String(renewed), server),
        'was replayed with a token that was refused in this tab (C2)',
      )
      may(
        [
          server.accepts(renewed) === who,
          server.isOver(String(renewed)),
          server.isEndedEarly(String(renewed)),
          this.clockWasSet,
        ].some(Boolean),
        `was replayed with a token of ${server.accepts(renewed)} (C4, C8)`,
      )
    } catch (error) {
      const expected = error instanceof SessionEndedError || error instanceof RefreshFailedError || signal?.aborted
      may(Boolean(expected), `failed with ${error}`)
    } finally {
      this.open.delete(name)
    }
  }

  /** C5: a session ends only if the server has ended it, or if an answer was lost for good. */
  mayEnd(reason: EndReason): boolean {
    const { signOuts, lostAnswers } = this.world.server
    if (reason === 'REFRESH_TOKEN_REUSED') return lostAnswers > 0
    // A sign-out may clear the cookie of a sign-in in the same turn.
    if (reason === 'REFRESH_TOKEN_MISSING') return signOuts.length > 0
    // The tab that caused the reuse gets REFRESH_TOKEN_REUSED; the others get this reason.
    if (reason === 'SESSION_REVOKED') return this.revoked.size + signOuts.length + lostAnswers > 0
    return reason === 'SIGNED_OUT' || reason === 'REPLACED'
  }
}

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

it.each(['BODY', 'COOKIE'])(
  `C1–C12: breaks no rule and never hangs, in any order of events (%s, seed ${SEED}, ${RUNS} runs)`,
  async (how) => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
        fc.boolean(),
        async (steps, says) => {
          const world = new World()
          world.lock.spare = new SharedLock()
          const model = new Model(world, says)
          if (how === 'COOKIE') world.issuer = new CookieJar(world.server)
          const tabs = await Promise.all(Array.from({ length: TABS }, () => world.open()))
          try {
            for (const one of steps) {
              await take(one, world, model, tabs)
              seen.set(one.kind, (seen.get(one.kind) ?? 0) + 1)
            }
            await holdAgainst(model, tabs)
          } finally {
            world.dispose()
          }
          await world.clock.advance(LONGEST_WAIT_MS)
          expect({ timers: world.clock.pending, ears: world.channel.listening }).toEqual({ timers: 0, ears: 0 })
        },
      ),
      { seed: SEED, numRuns: RUNS },
    )
    expect(unhandled).toEqual([])
    expect(Math.min(...seen.values())).toBeGreaterThan(RUNS / 10)
    expect(seen.size).toBe(11)
  },
)

async function take(step: Step, world: World, model: Model, tabs: Tab[]): Promise<void> {
  const { server, clock } = world
  if (step.kind === 'wait') return clock.advance(step.ms)
  if (step.kind === 'trouble') {
    model.slow ||= step.fault === 'hangs' || step.fault === 'late'
    return void server.faults.push(step.fault)
  }
  if (step.kind === 'revoke') {
    server.revoke(step.userId)
    return void model.revoked.add(step.userId)
  }
  if (step.kind === 'roleChange') {
    // Tabs that sign in in the same turn have a token each, and agree on one in the next turn.
    await settle()
    return server.endAccessTokens(step.userId)
  }
  if (step.kind === 'setClock') {
    model.wallOffset += step.byMs
    model.clockWasSet = true
    return
  }
  const tab = tabs[step.tab] as Tab
  if (step.kind === 'poll') {
    for (let ms = 0; ms < 2_000; ms += 300) clock.setTimer(() => void model.operate(tab, undefined, true), ms)
  }
  if (step.kind === 'operate') {
    const abort = new AbortController()
    if (step.abortAfterMs !== undefined) clock.setTimer(() => abort.abort(new Error('left')), step.abortAfterMs)
    void model.operate(tab, abort.signal)
  }
  if (step.kind === 'signIn') {
    model.signIns++
    void tab.session.accept(world.issuer.signIn(step.userId))
  }
  if (step.kind === 'signOut') void tab.session.signOut()
  if (step.kind === 'wake') tab.page.wake()
  if (step.kind === 'reload') {
    // A page that closes during its refresh loses the answer; the browser's keepalive is not modelled. What it has not
    // stored yet has its own tests (C12).
    await settle()
    tab.session.dispose()
    server.forgetWaits()
    const opening = world.open()
    tabs[step.tab] = world.tabs.at(-1) as Tab
    await opening
  }
}

/** Lets time pass without further faults, then checks that nothing hangs and all tabs agree on a session that works. */
async function holdAgainst(model: Model, tabs: Tab[]): Promise<void> {
  const { world } = model
  const { server, clock } = world
  server.faults = []
  await clock.advance(LONGEST_WAIT_MS)
  expect({ hanging: [...model.open] }).toEqual({ hanging: [] })

  for (const { session } of tabs) void model.operate({ session } as Tab)
  await clock.advance(60_000 + LONGEST_WAIT_MS)
  for (const { session } of tabs) void model.operate({ session } as Tab)
  await clock.advance(LONGEST_WAIT_MS)
  expect({ hanging: [...model.open] }).toEqual({ hanging: [] })
  const people = tabs.map(({ session }) => session.userId)
  expect(people).toEqual(people.map(() => people[0]))
  const stored = await world.storage.read()
  expect(stored?.userId ?? null).toBe(people[0])
  if (people[0]) {
    for (const { session } of tabs) expect(server.accepts(await session.getAccessToken())).toBe(people[0])
  }
  // C1: a tab that has waited for two hanging refreshes does not wait for a third.
  if (!model.slow) expect(server.mostAtOnce).toBeLessThanOrEqual(1)
  // C5: no tab calls a server that asked to wait. There are two exceptions: a tab that gave up on the lock during two hanging
  // refreshes may not have received the message, and the cookie may already belong to the next sign-in, which need not wait.
  const isToldAlways = !model.slow && (world.issuer === server || model.signIns <= 1)
  if (isToldAlways) expect(server.impatientCalls).toBe(0)
  for (const { ended, events } of world.tabs) {
    expect(refreshesAfterRefusals(events)).toBeLessThanOrEqual(4)
    for (const reason of ended) expect({ reason, may: model.mayEnd(reason) }).toEqual({ reason, may: true })
    expect(ended.length).toBe(events.filter(({ type }) => type === 'ended').length)
  }
  expect(model.broken).toEqual([])
}

/** C2: how many refreshes of a tab followed refusals within any five seconds, at most, in one sign-in. */
function refreshesAfterRefusals(events: Tab['events']): number {
  let times: number[] = []
  let isRefused = false
  let max = 0
  for (const event of events) {
    if (event.type === 'signedIn') times = []
    if (event.type === 'refreshStarted') isRefused = event.cause === 'refused'
    if (event.type !== 'refreshDone' || event.adopted || !isRefused) continue
    times = [...times.filter((at) => at > event.at - 5_000), event.at]
    max = Math.max(max, times.length)
  }
  return max
}
