import type { Page } from '@playwright/test'
import { expect, operate, register, stateOf, test } from '../support/library-test.ts'

/** Starts a request with `keepalive` that is never answered. @returns what cancels it */
const hang = (tab: Page, size: number) =>
  tab.evaluateHandle((bytes) => {
    const canceller = new AbortController()
    const { signal } = canceller
    void fetch('/hang', { method: 'POST', keepalive: true, body: 'x'.repeat(bytes), signal }).catch(() => {})
    return canceller
  }, size)

/** Whether the browser refuses a small request with `keepalive`. */
const isRefused = (tab: Page) =>
  tab.evaluate(() =>
    fetch('/any', { method: 'POST', keepalive: true, body: 'x'.repeat(500) }).then(
      () => false,
      () => true,
    ),
  )

test('C5: refreshes and signs out while other code has used up the keepalive requests of the page', async ({
  openTab,
  gateway,
}) => {
  const tab = await openTab({ realClock: 1 })
  const { username } = await register(tab)
  expect(await isRefused(tab)).toBe(false)
  // A page may have 64 KiB under way.
  const hanging = await hang(tab, 65_500)
  expect(await isRefused(tab)).toBe(true)
  const { refreshes } = gateway
  gateway.expire()
  expect(await operate(tab, 5)).toEqual(Array(5).fill(username))
  expect(gateway.refreshes).toBe(refreshes + 1)
  expect(await tab.evaluate(() => window.harness?.session.signOut())).toBe(true)
  expect(await stateOf(tab)).toMatchObject({ state: 'signedOut' })
  expect(await isRefused(tab)).toBe(true)
  await hanging.evaluate((canceller) => canceller.abort())
})
