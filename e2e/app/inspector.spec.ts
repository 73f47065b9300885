import type { Page } from '@playwright/test'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { openAsNewUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

/** Reads a figure of the inspector. */
const figure = async (page: Page, name: string): Promise<number> =>
  Number(await page.locator(`[data-figure="${name}"]`).textContent())

/** Creates an account and opens the inspector. Waits for the refresh of the page load, so that the test causes the next. */
async function openInspector(page: Page) {
  const user = await openAsNewUser(page, '/inspector')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Inspector')
  await expect.poll(() => figure(page, 'refreshes')).toBe(1)
  return user
}

test('C1: 50 operations at once cause one refresh when the token has expired', async ({ page, traffic }) => {
  await openInspector(page)
  for (let round = 2; round < 5; round++) {
    await page.getByRole('button', { name: 'Expire the access token' }).click()
    await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
    await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
    // One refresh, even if the page's own polling was refused first.
    await expect.poll(async () => (await traffic.generations()).length).toBe(round)
    expect(await figure(page, 'operations')).toBeGreaterThanOrEqual(50 * (round - 1))
  }
})

test('C2, C4: an operation whose token expires in flight is replayed unnoticed', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  await expect.poll(() => figure(page, 'replays')).toBeGreaterThan(0)
  // The list contains the same information as text.
  await expect(page.getByText('Operation replayed with the new token').first()).toBeVisible()
  await expect(page.getByText(/Operation completed · Me · \d+ ×/).first()).toBeVisible()
  expect(await figure(page, 'noticed')).toBe(0)
})

test('C5: a lost refresh response is retried, and the session continues', async ({ page, traffic }) => {
  await openInspector(page)
  const before = traffic.count('SilentRefresh')
  await page.getByRole('button', { name: 'Lose the next refresh response' }).click()
  await expect.poll(() => traffic.count('SilentRefresh')).toBeGreaterThan(before + 1)
  await expect(page.getByText('Response lost, refresh retried').first()).toBeVisible()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  expect(await figure(page, 'noticed')).toBe(0)
})

test('C5: the user stays signed in without a network, and work continues when it is back', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Disconnect the network' }).click()
  await expect(page.getByText('We can’t reach the server right now.')).toBeVisible()
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Reconnect the network' }).click()
  await expect(page.getByText('We can’t reach the server right now.')).toBeHidden({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
})

test('leaving the inspector restores the network', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Disconnect the network' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText(/^0 of 50 succeeded/)).toBeVisible()
  await expect(page.getByText(/Operation got no response · Me · \d+ ×/).first()).toBeVisible()
  await page.getByRole('link', { name: 'Devices' }).click()
  await expect(page.getByText('This device', { exact: true })).toBeVisible()
})

test('C12: a second tab adopts the token of the first', async ({ context, page }) => {
  await openInspector(page)
  const link = page.getByRole('link', { name: 'Open a second tab' })
  await expect(link).toHaveAttribute('target', '_blank')
  // Opened by the test, because Playwright sometimes misses tabs that a page opens.
  const other = await context.newPage()
  await other.goto((await link.getAttribute('href')) ?? '')
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Inspector')
  await expect.poll(() => figure(other, 'operations')).toBeGreaterThan(0)
  const before = await figure(other, 'adopted')
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  await expect.poll(() => figure(other, 'adopted')).toBeGreaterThan(before)
  for (const tab of [page, other]) expect(await figure(tab, 'noticed')).toBe(0)
})

test('S8: reuse of a stolen token ends only the session it was stolen from', async ({ page }) => {
  const user = await openInspector(page)
  await page.getByLabel('Password').fill('not the one')
  await page.getByRole('button', { name: 'Simulate the theft' }).click()
  await expect(page.getByText('Incorrect email or password.')).toBeVisible()
  await page.getByLabel('Password').fill(user.password)
  await page.getByRole('button', { name: 'Simulate the theft' }).click()
  await expect(page.getByText('The server answers REFRESH_TOKEN_REUSED')).toBeVisible()
  await expect(page.getByText('token 3 no longer works either: SESSION_REVOKED')).toBeVisible()
  await page.getByRole('link', { name: 'Security' }).click()
  await expect(page.getByText('an old sign-in token was used again').first()).toBeVisible()
})
