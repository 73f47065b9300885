import { test as base, expect } from '@playwright/test'
import { type Traffic, watchTraffic } from './traffic.ts'

/** How Chromium reports an access token that ran out under way: it is replayed, and nobody notices (C7). */
const REPLAYED = /status of 401/

/** Every test fails when a page writes an error or a warning to the console, or throws. */
export const test = base.extend<{ traffic: Traffic; complaints: string[] }>({
  traffic: async ({ context }, use) => {
    await use(watchTraffic(context))
  },
  complaints: [
    async ({ context }, use) => {
      const complaints: string[] = []
      context.on('console', (message) => {
        const isBad = message.type() === 'error' || message.type() === 'warning'
        if (isBad && !REPLAYED.test(message.text())) complaints.push(message.text())
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export { expect }
