import { test as base, expect, type Page } from '@playwright/test'
import { type Traffic, watchTraffic } from './traffic.ts'

/** How Chromium reports an access token that expired in flight. The operation is replayed, so this is expected (C7). */
const REPLAYED = /status of 401/

interface Options {
  /** Console messages that are expected, because the test causes them. */
  expectedErrors: RegExp | null
}

/** For tests that do not wait for tokens to expire; see playwright.config.ts. */
export const DEFAULT_TTL = { baseURL: process.env.DEFAULT_TTL_URL ?? '' }

/** Fails every test in which a page throws or writes an error or a warning to the console. */
export const test = base.extend<{ traffic: Traffic; consoleErrors: string[] } & Options>({
  expectedErrors: [null, { option: true }],
  traffic: async ({ context }, use) => {
    await use(watchTraffic(context))
  },
  consoleErrors: [
    async ({ context, expectedErrors }, use) => {
      const consoleErrors: string[] = []
      context.on('console', (message) => {
        const isBad = message.type() === 'error' || message.type() === 'warning'
        if (isBad && !REPLAYED.test(message.text()) && !expectedErrors?.test(message.text()))
          consoleErrors.push(message.text())
      })
      context.on('weberror', (thrown) => {
        const text = String(thrown.error())
        if (!expectedErrors?.test(text)) consoleErrors.push(text)
      })
      await use(consoleErrors)
      expect(consoleErrors).toEqual([])
    },
    { auto: true },
  ],
})

/** Waits until all responses have arrived and colour transitions have ended. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1')).toBeVisible()
  await expect(page.getByRole('status', { name: /Loading|加载中/ })).toHaveCount(0)
  await page.waitForFunction(() => document.getAnimations().every((one) => !(one instanceof CSSTransition)))
}

export { expect }
