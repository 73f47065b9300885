import type { Page } from '@playwright/test'
import config from '../../playwright.config.ts'
import { expect, newUser, operate, register, stateOf, test } from '../support/library-test.ts'

test.use({
  // Playwright turns the cache off.
  launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] },
})

/** Goes to another page of the origin. The tab's own page is then in the cache. */
const leave = (tab: Page, origin: string) => tab.goto(`${origin}/lib/index.js`)

async function goBack(tab: Page): Promise<void> {
  await tab.evaluate(() => history.back())
  await tab.waitForFunction(() => window.harness?.restored === 1)
}

test('C12: messages of other tabs leave a page in the back/forward cache, and it catches up', async ({
  openTab,
  origin,
}) => {
  const [tab, other] = [await openTab(), await openTab()]
  const ada = await register(tab)
  expect(await operate(tab, 1)).toEqual([ada.username])
  await expect.poll(() => stateOf(other)).toMatchObject({ state: 'active' })
  await leave(tab, origin)

  const bob = newUser()
  await other.evaluate(async (who) => {
    await window.harness?.session.signOut()
    await window.harness?.register(who)
  }, bob)
  await goBack(tab)
  const { userId } = await stateOf(other)
  await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active', userId, ended: [expect.anything()] })
  expect(await operate(tab, 1)).toEqual([bob.username])

  await other.evaluate(() => window.harness?.session.signOut())
  await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'signedOut', userId: null })
})

test('C12: a sign-out in a handler of pagehide reaches the other tabs', async ({ openTab, origin }) => {
  const [tab, other] = [await openTab(), await openTab()]
  await register(tab)
  await expect.poll(() => stateOf(other)).toMatchObject({ state: 'active' })
  await tab.evaluate(() => addEventListener('pagehide', () => void window.harness?.session.signOut()))
  await leave(tab, origin)
  await expect.poll(() => stateOf(other)).toMatchObject({ state: 'signedOut', ended: ['SIGNED_OUT'] })
})
