import type { Page } from '@playwright/test'
import { arrive, signInElsewhere } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Traffic } from '../support/traffic.ts'

// Access tokens live for two seconds here: see playwright.config.ts.

/** Fetches in all tabs, again and again, until so many refreshes were answered. @returns how often each tab fetched */
async function fetchUntil(refreshes: number, traffic: Traffic, tabs: readonly Page[]): Promise<number> {
  let fetches = 0
  while ((await traffic.generations()).length < refreshes) {
    await Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Reload' }).click()))
    fetches++
    await tabs[0]?.waitForTimeout(150)
  }
  return fetches
}

test('a person goes on over expiries without a failed operation', async ({ page, traffic }) => {
  await arrive(page)
  await expect(page.getByText('This device')).toBeVisible()
  traffic.clear()
  const fetches = await fetchUntil(3, traffic, [page])
  await expect.poll(() => traffic.count('Devices')).toBeGreaterThanOrEqual(fetches)
  // On a slow machine a token may run out under way: that costs a replay, and nobody notices.
  expect(traffic.answers.filter(({ status }) => status !== 200 && status !== 401)).toEqual([])
  await expect(page.getByTestId('noticed')).toHaveText('0')
})

test('C1: two tabs go on together over expiries, and no token is fetched twice', async ({ context, page, traffic }) => {
  await arrive(page)
  const other = await context.newPage()
  await other.goto('/')
  await expect(other.getByText('This device')).toBeVisible()
  traffic.clear()
  await fetchUntil(3, traffic, [page, other])
  // Two tabs that each refreshed for themselves would get one generation twice, within its grace period.
  const generations = await traffic.generations()
  expect(generations.length).toBeGreaterThanOrEqual(3)
  expect(new Set(generations).size).toBe(generations.length)
  for (const tab of [page, other]) await expect(tab.getByTestId('noticed')).toHaveText('0')
})

test('security: the log grows while one looks at it, over expiries of the access token', async ({ page, request }) => {
  let sockets = 0
  page.on('websocket', () => {
    sockets++
  })
  await page.goto('/sign-in')
  await page.waitForLoadState('networkidle')
  expect(sockets).toBe(0) // nobody is signed in
  const person = await arrive(page, '/security')
  const entries = page.getByRole('region', { name: 'Security log' }).getByRole('listitem')
  await expect(entries).toHaveCount(1)
  await signInElsewhere(request, { ...person, password: 'not the one' })
  await expect(entries).toHaveCount(2)
  await expect(entries.first()).toContainText('Failed sign-in with a wrong password')

  // Each access token has a socket of its own; after two expiries the third goes on.
  const before = sockets
  await expect.poll(() => sockets).toBeGreaterThan(before + 1)
  await signInElsewhere(request, person)
  await expect(entries).toHaveCount(3)
  await expect(entries.first()).toContainText('Signed in')
  await expect(entries.first()).toContainText('Device: Elsewhere')
})
