import type { Page } from '@playwright/test'
import { expect, operate, register, stateOf, test } from '../support/library-test.ts'

/** Longer than an access token lives. */
const LIFE_MS = 61_000
const HOUR_MS = 3_600_000
/** Short, so that the tests are: who waits for the lock waits half a second longer. */
const OPTIONS = { refreshTimeoutMs: 2_000 }

/** Three tabs in which one person is signed in. */
async function openTabs(openTab: (options: typeof OPTIONS) => Promise<Page>) {
  const tabs: [Page, Page, Page] = [await openTab(OPTIONS), await openTab(OPTIONS), await openTab(OPTIONS)]
  const { username } = await register(tabs[0])
  for (const tab of tabs) await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active' })
  return { tabs, tenAnswers: Array(10).fill(username) }
}

const skip = (tab: Page, by: number) => tab.evaluate((ms) => window.harness?.skip(ms), by)

/** Stops the tab between two statements: nothing runs in it, and what it holds it keeps. @returns how to thaw it. */
async function freeze(tab: Page): Promise<() => Promise<unknown>> {
  const devtools = await tab.context().newCDPSession(tab)
  await devtools.send('Debugger.enable')
  await devtools.send('Debugger.pause')
  return () => devtools.send('Debugger.resume')
}

test('C1: a tab that dies holding the lock leaves the refresh to the others', async ({
  openTab,
  gateway,
  gracePeriod,
}) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  const [holder, ...others] = tabs
  for (const tab of tabs) await skip(tab, LIFE_MS)
  const release = gateway.hold()
  void operate(holder, 1).catch(() => {})
  await expect.poll(() => gateway.refreshes).toBe(1)
  const working = others.map((tab) => operate(tab, 10))
  await holder.close()
  // The request itself lives on without its tab. With a grace period it may arrive together with the others'.
  release(gracePeriod === '0' ? '503' : 'pass')
  for (const answers of await Promise.all(working)) expect(answers).toEqual(tenAnswers)
  for (const tab of others) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
  expect(gateway.refreshes).toBe(2)
})

test('C1: a tab that is frozen holding the lock delays the others, and blocks none', async ({ openTab, gateway }) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  const [holder, ...others] = tabs
  for (const tab of tabs) await skip(tab, LIFE_MS)
  const release = gateway.hold(true)
  const frozen = operate(holder, 10)
  await expect.poll(() => gateway.refreshes).toBe(1)
  const thaw = await freeze(holder)
  // The answer comes, the browser keeps its cookie, and the tab does not hear of it.
  release()
  for (const answers of await Promise.all(others.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(2)
  await thaw()
  expect(await frozen).toEqual(tenAnswers)

  gateway.expire()
  for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(3)
  for (const tab of tabs) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
})

test('C1: code that takes the lock and never gives it back blocks nobody, and one refresh serves all', async ({
  openTab,
  gateway,
}) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  await tabs[0].evaluate(() => {
    void navigator.locks.request('silent-refresh', () => new Promise(() => {}))
  })
  gateway.expire()
  for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(1)
})

test('C7: a tab that slept for an hour has a good token by one refresh when it wakes', async ({ openTab, gateway }) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  for (const tab of tabs) expect(await operate(tab, 10)).toEqual(tenAnswers)
  for (const tab of tabs) await skip(tab, HOUR_MS)
  gateway.expire()
  await Promise.all(tabs.map((tab) => tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))))
  await expect.poll(() => gateway.refreshes).toBe(1)
  for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(1)
})

test('C7: the same by the browser’s own clock, with all its timers', async ({ context, openTab, gateway }) => {
  await context.clock.install()
  const tab = await openTab({ realClock: 1 })
  const { username } = await register(tab)
  expect(await operate(tab, 1)).toEqual([username])
  gateway.expire()
  await context.clock.fastForward(HOUR_MS)
  expect(await operate(tab, 10)).toEqual(Array(10).fill(username))
  expect(gateway.refreshes).toBe(1)
})
