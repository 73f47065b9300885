import type { Page } from '@playwright/test'
import { expect, operate, register, stateOf, test } from '../support/library-test.ts'

/** Longer than the lifetime of an access token. */
const LIFE_MS = 61_000
const HOUR_MS = 3_600_000
/** Short, to keep the tests fast. Waiting for the lock takes half a second longer. */
const OPTIONS = { refreshTimeoutMs: 2_000 }

/** Opens three tabs in which the same user is signed in. */
async function openTabs(openTab: (options: typeof OPTIONS) => Promise<Page>) {
  const tabs: [Page, Page, Page] = [await openTab(OPTIONS), await openTab(OPTIONS), await openTab(OPTIONS)]
  const { username } = await register(tabs[0])
  for (const tab of tabs) await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active' })
  return { tabs, tenAnswers: Array(10).fill(username) }
}

const skip = (tab: Page, by: number) => tab.evaluate((ms) => window.harness?.skip(ms), by)

/** Pauses all scripts of the tab, which keeps its locks. @returns a function that resumes them. */
async function freeze(tab: Page): Promise<() => Promise<unknown>> {
  const devtools = await tab.context().newCDPSession(tab)
  await devtools.send('Debugger.enable')
  await devtools.send('Debugger.pause')
  return () => devtools.send('Debugger.resume')
}

test('C1: when the tab that holds the lock is closed, another tab refreshes', async ({
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
  // The request outlives its tab. With a grace period it may reach the server together with the others.
  release(gracePeriod === '0' ? '503' : 'pass')
  for (const answers of await Promise.all(working)) expect(answers).toEqual(tenAnswers)
  for (const tab of others) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
  expect(gateway.refreshes).toBe(2)
})

test('C1: a frozen tab that holds the lock delays the other tabs but does not block them', async ({
  openTab,
  gateway,
}) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  const [holder, ...others] = tabs
  for (const tab of tabs) await skip(tab, LIFE_MS)
  const release = gateway.hold('response')
  const frozen = operate(holder, 10)
  await expect.poll(() => gateway.refreshes).toBe(1)
  const thaw = await freeze(holder)
  // The response arrives and the browser stores its cookie, but the tab does not see it.
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

test('C1: a lock that is never released blocks no tab, and one refresh serves all', async ({
  openTab,
  gateway,
  origin,
}) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  await tabs[0].evaluate((name) => {
    void navigator.locks.request(name, () => new Promise(() => {}))
  }, `silent-refresh:${origin}/graphql`)
  gateway.expire()
  for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(1)
})

test('C7: tabs that wake up after an hour share one refresh', async ({ openTab, gateway }) => {
  const { tabs, tenAnswers } = await openTabs(openTab)
  for (const tab of tabs) expect(await operate(tab, 10)).toEqual(tenAnswers)
  for (const tab of tabs) await skip(tab, HOUR_MS)
  gateway.expire()
  await Promise.all(tabs.map((tab) => tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))))
  await expect.poll(() => gateway.refreshes).toBe(1)
  for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 10)))) expect(answers).toEqual(tenAnswers)
  expect(gateway.refreshes).toBe(1)
})

test('C7: a tab that wakes up after an hour refreshes once, with the real clock and timers', async ({
  context,
  openTab,
  gateway,
}) => {
  await context.clock.install()
  const tab = await openTab({ realClock: 1 })
  const { username } = await register(tab)
  expect(await operate(tab, 1)).toEqual([username])
  gateway.expire()
  await context.clock.fastForward(HOUR_MS)
  expect(await operate(tab, 10)).toEqual(Array(10).fill(username))
  expect(gateway.refreshes).toBe(1)
})
