import type { Page } from '@playwright/test'
import { expect, operate, register, stateOf, test } from '../support/library-test.ts'

/** Uses up what a page may have under way in requests with `keepalive`: 64 KiB of bodies. */
const useUpKeepalive = (tab: Page) =>
  tab.evaluate(async () => {
    const send = (size: number) => fetch('/hang', { method: 'POST', keepalive: true, body: 'x'.repeat(size) })
    void send(65_500).catch(() => {})
    // The browser refuses the next one.
    return send(500).then(
      () => 'sent',
      () => 'refused',
    )
  })

test('C5: refreshes and signs out while other code has used up the keepalive requests of the page', async ({
  openTab,
  gateway,
}) => {
  const tab = await openTab({ realClock: 1 })
  const { username } = await register(tab)
  expect(await useUpKeepalive(tab)).toBe('refused')
  gateway.expire()
  expect(await operate(tab, 5)).toEqual(Array(5).fill(username))
  expect(gateway.refreshes).toBe(1)
  expect(await tab.evaluate(() => window.harness?.session.signOut())).toBe(true)
  expect(await stateOf(tab)).toMatchObject({ state: 'signedOut' })
})
