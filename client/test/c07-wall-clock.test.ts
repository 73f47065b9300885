import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { createSession, type Session } from '../src/index.ts'
import { follow, World } from './support/tabs.ts'

const HOUR_MS = 3_600_000

describe('C7: the wall clock does not matter', () => {
  let session: Session | undefined
  afterEach(() => {
    session?.dispose()
    jest.restoreAllMocks()
  })

  it.each([
    ['an hour ahead', [HOUR_MS]],
    ['an hour behind', [-HOUR_MS]],
    ['jumping', [HOUR_MS, -HOUR_MS, 48 * HOUR_MS, 0]],
  ])('C7: a wall clock that is %s neither causes nor prevents a refresh', async (_, offsets) => {
    let offset = offsets[0] ?? 0
    const { now } = Date
    jest.spyOn(Date, 'now').mockImplementation(() => now() + offset)
    let refreshes = 0
    const tokens = { accessTokenExpiresIn: 600, refreshToken: 'r', userId: 'ada' }
    session = createSession({
      transport: { refresh: async () => ({ ...tokens, accessToken: `access-${++refreshes}` }) },
    })
    await session.accept({ ...tokens, accessToken: 'access-0' })
    for (const next of offsets) {
      offset = next
      expect(await session.getAccessToken()).toBe('access-0')
    }
    expect(await session.getAccessToken({ failed: 'access-0', reason: 'TOKEN_EXPIRED' })).toBe('access-1')
    expect(refreshes).toBe(1)
  })

  it('C7: nothing in the library reads the wall clock, except for the hint of the system clock', () => {
    const source = join(import.meta.dirname, '../src')
    const library = ['session', 'browser', 'transport', 'apollo', 'fetch', 'graphql-ws', 'vue']
    for (const folder of library) {
      for (const file of readdirSync(join(source, folder), { encoding: 'utf8', recursive: true })) {
        if (!/(?<!\.test)\.ts$/.test(file) || file === 'system-clock.ts') continue
        const code = readFileSync(join(source, folder, file), 'utf8')
        expect({ file, readsWallClock: /\bDate\b(?!\.parse)|timeOrigin/.test(code) }).toEqual({
          file,
          readsWallClock: false,
        })
      }
    }
  })

  it('C7: recovers after one refusal when the monotonic clock stood still while the device slept', async () => {
    const world = new World()
    const { session: tab } = await world.signedIn('ada', {
      clock: { now: () => 0, setTimer: (task, ms) => world.clock.setTimer(task, ms) },
    })
    const before = await tab.getAccessToken()
    world.clock.sleep(HOUR_MS)
    expect(await tab.getAccessToken()).toBe(before)
    expect(world.server.accepts(before)).toBeNull()
    const renewed = follow(tab.getAccessToken({ failed: before, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(100)
    expect(world.server.accepts(renewed.outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
    world.dispose()
  })
})
