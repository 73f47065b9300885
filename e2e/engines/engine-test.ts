import { test as base, expect, type TestInfo } from '@playwright/test'
import { findFirefox, findWebKit } from '../../scripts/find-engines.mjs'
import { Gateway } from '../support/gateway.ts'
import { newUser, type User } from '../support/users.ts'
import type { Engine, Profile, Tab } from './drivers/engine.ts'
import { launchFirefox } from './drivers/firefox.ts'
import { launchWebKit } from './drivers/webkit.ts'

export type EngineName = 'Firefox' | 'WebKitGTK'

interface Fixtures {
  /** The server of the harness page. Its access tokens do not expire during a test, so that refreshes can be counted. */
  api: string
  /** A new profile of the engine. */
  profile: Profile
  /** Serves the harness page, and stands between it and its server. */
  gateway: Gateway
  /** The address of the harness page. */
  harness: string
  /** The address of the app, where access tokens expire after two seconds. */
  app: string
}

/** Runs tests in an engine that Playwright cannot drive as it is installed. */
export const test = base.extend<Fixtures, { engineName: EngineName; engine: Engine }>({
  engineName: ['Firefox', { option: true, scope: 'worker' }],
  engine: [
    async ({ engineName }, use) => {
      const engine = await launch(engineName)
      await use(engine)
      await engine.close()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  profile: async ({ engine }, use) => {
    const profile = await engine.openProfile()
    await use(profile)
    await profile.close()
  },
  api: ['', { option: true }],
  gateway: async ({ api }, use) => {
    const gateway = new Gateway(api)
    await use(gateway)
    await gateway.close()
  },
  harness: async ({ gateway }, use) => use(`${await gateway.listen()}/`),
  app: async ({ baseURL }, use) => use(baseURL ?? ''),
})

function launch(name: EngineName): Promise<Engine> {
  const [firefox, webKit] = [findFirefox(), findWebKit()]
  if (name === 'Firefox' && firefox) return launchFirefox(firefox)
  if (name === 'WebKitGTK' && webKit) return launchWebKit(webKit)
  throw new Error(`${name} is not installed.`)
}

/** Opens a tab with the harness page. */
export async function openHarness(profile: Profile, url: string): Promise<Tab> {
  const tab = await profile.openTab(url)
  await isReady(tab)
  return tab
}

/** Waits until the harness page has read the stored session. */
export const isReady = (tab: Tab) => expect.poll(() => ask(tab, () => window.harness !== undefined)).toBe(true)

/** The function's result, or null while the tab is between two pages. */
export const ask = <Result>(tab: Tab, run: () => Result) => tab.evaluate(run).catch(() => null)

declare global {
  interface Window {
    /** Set by the page of a test when it comes back from the back/forward cache. */
    cameBack?: boolean
  }
}

/** Creates an account in the harness page and signs in. */
export async function register(tab: Tab, user = newUser()): Promise<User> {
  await tab.evaluate((who) => window.harness?.register(who), user)
  return user
}

/** The session as the harness page sees it, or null while the tab is between two pages. */
export const stateOf = (tab: Tab) =>
  ask(tab, () => {
    const { session, ended } = window.harness as NonNullable<Window['harness']>
    return { state: session.state, userId: session.userId, ended }
  })

/** Sends operations from the harness page, all at once. @returns what each received */
export const operate = (tab: Tab, count = 1): Promise<string[]> =>
  tab.evaluate((many) => window.harness?.operate(many) ?? [], count)

/** @returns whether a page that went back came from the cache; the report says so too */
export async function usedBfcache(tab: Tab, info: TestInfo): Promise<boolean> {
  const isUsed = await tab.evaluate(() => window.cameBack === true)
  info.annotations.push({ type: 'bfcache', description: isUsed ? 'used' : 'not used' })
  return isUsed
}

export { expect }
