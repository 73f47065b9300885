import type { Page } from '@playwright/test'
import { expect, isReady, operate, register, stateOf, test } from '../support/library-test.ts'

/** Collects the warnings on the console of the tab. */
function warningsOf(tab: Page): string[] {
  const warnings: string[] = []
  tab.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()))
  return warnings
}

test('C16: a blocked cookie is noticed right after the sign-in', async ({ openTab, gateway }) => {
  gateway.blocksCookies = true
  const tab = await openTab({ realClock: 1 })
  const warnings = warningsOf(tab)
  await register(tab)
  await expect
    .poll(() => stateOf(tab), { intervals: [10] })
    .toEqual({ state: 'signedOut', userId: null, ended: ['REFRESH_TOKEN_MISSING'] })
  expect(warnings).toEqual([
    expect.stringContaining('[silent-refresh] The refresh cookie of this sign-in was not kept'),
  ])
  expect(gateway.refreshes).toBe(1)
})

test('C16: a sign-in whose cookie was kept costs no refresh', async ({ openTab, gateway }) => {
  const tab = await openTab()
  const warnings = warningsOf(tab)
  const { username } = await register(tab)
  expect(await operate(tab, 5)).toEqual(Array(5).fill(username))
  expect(gateway.refreshes).toBe(0)
  expect(warnings).toEqual([])
})

/** Deletes the page's storage like a browser that makes room, but not its cookies. */
async function evictStorage(tab: Page): Promise<void> {
  const devtools = await tab.context().newCDPSession(tab)
  await devtools.send('Storage.clearDataForOrigin', {
    origin: new URL(tab.url()).origin,
    storageTypes: 'indexeddb,local_storage,service_workers,cache_storage',
  })
}

test('C16: the session continues after the browser has deleted the storage', async ({ openTab, gateway }) => {
  const tab = await openTab()
  const { username } = await register(tab)
  await evictStorage(tab)
  await tab.reload()
  await isReady(tab)
  expect(await stateOf(tab)).toMatchObject({ state: 'active' })
  expect(await operate(tab, 5)).toEqual(Array(5).fill(username))
  expect(gateway.refreshes).toBe(1)
})

test('C16: visitors who never signed in cause no refresh', async ({ openTab, gateway }) => {
  const tab = await openTab()
  await evictStorage(tab)
  await tab.reload()
  await isReady(tab)
  expect(await operate(tab, 1)).toEqual(['Error: UNAUTHENTICATED'])
  expect(gateway.refreshes).toBe(0)
})
