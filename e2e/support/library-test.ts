import { rmSync } from 'node:fs'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { newDataDir } from '../../server/test/support/processes/data-dir.ts'
import { startServerProcess } from '../../server/test/support/processes/server-process.ts'
import { Gateway } from './gateway.ts'
import { newUser, type User } from './users.ts'

interface WorkerFixtures {
  /** The server's `REFRESH_GRACE_PERIOD`. `0` means strict rotation: a spent token is never accepted. */
  gracePeriod: string
  api: string
}

interface Fixtures {
  gateway: Gateway
  /** Opens a tab with the harness page of the app in the folder `path`. */
  openTab(options?: Readonly<Record<string, number>>, path?: string): Promise<Page>
}

/** Tests the built library in real tabs against a real server that no other test uses. */
export const test = base.extend<Fixtures & { origin: string }, WorkerFixtures>({
  gracePeriod: ['10s', { option: true, scope: 'worker' }],
  api: [
    async ({ gracePeriod }, use) => {
      const dataDir = await newDataDir('library')
      const server = startServerProcess({
        DATA_DIR: dataDir,
        REFRESH_GRACE_PERIOD: gracePeriod,
        RATE_LIMIT_LOGIN_PER_ACCOUNT: '0',
        RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
        RATE_LIMIT_REFRESH_PER_SESSION: '0',
      })
      await use(await server.ready)
      await server.end('SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  gateway: async ({ api }, use) => {
    const gateway = new Gateway(api)
    await use(gateway)
    await gateway.close()
  },
  origin: async ({ gateway }, use) => use(await gateway.listen()),
  openTab: async ({ context, origin }, use) => {
    await use((options = {}, path = '/') => openTab(context, origin + path, options))
  },
})

async function openTab(context: BrowserContext, url: string, options: Readonly<Record<string, number>>) {
  const page = await context.newPage()
  const query = new URLSearchParams(Object.entries(options).map(([key, value]) => [key, String(value)]))
  await page.goto(`${url}?${query}`)
  await isReady(page)
  return page
}

/** Waits until the page has read the stored session. */
export async function isReady(page: Page): Promise<void> {
  await page.waitForFunction(() => window.harness !== undefined)
}

/** Creates an account in the tab and signs in. */
export async function register(tab: Page, user = newUser()): Promise<User> {
  await tab.evaluate((who) => window.harness?.register(who), user)
  return user
}

/** The session as the tab sees it. */
export const stateOf = (tab: Page) =>
  tab.evaluate(() => {
    const { session, ended } = window.harness as NonNullable<Window['harness']>
    return { state: session.state, userId: session.userId, ended }
  })

/** Sends operations from the tab, all at once. */
export const operate = (tab: Page, count: number): Promise<string[]> =>
  tab.evaluate((many) => window.harness?.operate(many) ?? [], count)

export { expect, newUser }
