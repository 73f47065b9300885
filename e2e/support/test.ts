import { test as base, expect, type Page } from '@playwright/test'
import { type Traffic, watchTraffic } from './traffic.ts'

/** How Chromium reports an access token that ran out under way: it is replayed, and nobody notices (C7). */
const REPLAYED = /status of 401/

interface Options {
  /** What the console may say beside: trouble that the test makes itself. */
  forgiven: RegExp | null
}

/** For tests that do not wait for tokens to expire: see playwright.config.ts. */
export const CALM = { baseURL: process.env.CALM_URL ?? '' }

/** Every test fails when a page writes an error or a warning to the console, or throws. */
export const test = base.extend<{ traffic: Traffic; complaints: string[] } & Options>({
  forgiven: [null, { option: true }],
  traffic: async ({ context }, use) => {
    await use(watchTraffic(context))
  },
  complaints: [
    async ({ context, forgiven }, use) => {
      const complaints: string[] = []
      context.on('console', (message) => {
        const isBad = message.type() === 'error' || message.type() === 'warning'
        if (isBad && !REPLAYED.test(message.text()) && !forgiven?.test(message.text())) complaints.push(message.text())
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

/** Waits until everything that was on its way is there: answers, and colours after a change of theme. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1')).toBeVisible()
  await expect(page.getByRole('status', { name: /Loading|正在加载/ })).toHaveCount(0)
  await page.waitForFunction(() => document.getAnimations().every((one) => !(one instanceof CSSTransition)))
}

export { expect }
