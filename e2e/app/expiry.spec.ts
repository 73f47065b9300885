import type { Page } from '@playwright/test'
import { expect, test } from '../support/test.ts'
import type { Traffic } from '../support/traffic.ts'
import { openAsNewUser, signInElsewhere } from '../support/users.ts'

// Access tokens expire after two seconds here; see playwright.config.ts.

/** Reloads the list in all tabs until that many refreshes were answered. @returns how often each tab reloaded it */
async function reloadUntil(refreshes: number, traffic: Traffic, tabs: readonly Page[]): Promise<number> {
  let reloads = 0
  while ((await traffic.generations()).length < refreshes) {
    await Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Reload' }).click()))
    reloads++
    await tabs[0]?.waitForTimeout(150)
  }
  return reloads
}

test('no operation fails while access tokens expire', async ({ page, traffic }) => {
  await openAsNewUser(page)
  await expect(page.getByText('This device')).toBeVisible()
  traffic.clear()
  const reloads = await reloadUntil(3, traffic, [page])
  await expect.poll(() => traffic.count('Devices')).toBeGreaterThanOrEqual(reloads)
  // On a slow machine a token may expire in flight. The operation is then replayed, and the user does not notice.
  expect(traffic.responses.filter(({ status }) => status !== 200 && status !== 401)).toEqual([])
  await expect(page.getByTestId('noticed')).toHaveText('0')
})

test('C1: two tabs share their refreshes while access tokens expire', async ({ context, page, traffic }) => {
  await openAsNewUser(page)
  const other = await context.newPage()
  await other.goto('/')
  await expect(other.getByText('This device')).toBeVisible()
  traffic.clear()
  await reloadUntil(3, traffic, [page, other])
  // If each tab refreshed on its own, both would get the same generation within the grace period.
  const generations = await traffic.generations()
  expect(generations.length).toBeGreaterThanOrEqual(3)
  expect(new Set(generations).size).toBe(generations.length)
  for (const tab of [page, other]) await expect(tab.getByTestId('noticed')).toHaveText('0')
})

test('security: new events appear in the open log while access tokens expire', async ({ page, request }) => {
  let sockets = 0
  page.on('websocket', () => {
    sockets++
  })
  await page.goto('/sign-in')
  await page.waitForLoadState('networkidle')
  expect(sockets).toBe(0) // No user is signed in.
  const user = await openAsNewUser(page, '/security')
  const entries = page.getByRole('region', { name: 'Security log' }).getByRole('listitem')
  await expect(entries).toHaveCount(1)
  await signInElsewhere(request, { ...user, password: 'not the one' })
  await expect(entries).toHaveCount(2)
  await expect(entries.first()).toContainText('Failed sign-in with a wrong password')

  // Each access token has its own socket. Wait until two of them have been replaced.
  const before = sockets
  await expect.poll(() => sockets).toBeGreaterThan(before + 1)
  await signInElsewhere(request, user)
  await expect(entries).toHaveCount(3)
  await expect(entries.first()).toContainText('Signed in')
  await expect(entries.first()).toContainText('Device: Elsewhere')
})
