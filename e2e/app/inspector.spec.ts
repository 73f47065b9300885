import type { Page } from '@playwright/test'
import { arrive } from '../support/people.ts'
import { CALM, expect, test } from '../support/test.ts'

test.use(CALM)

/** What the page says of itself. */
const figure = async (page: Page, name: string): Promise<number> =>
  Number(await page.locator(`[data-figure="${name}"]`).textContent())

/** Creates an account and opens the inspector; the next refresh is the test's, that of the page load is over. */
async function openInspector(page: Page) {
  const person = await arrive(page, '/inspector')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Inspector')
  await expect.poll(() => figure(page, 'refreshes')).toBe(1)
  return person
}

test('C1: fifty operations at once at expiry cause one refresh', async ({ page, traffic }) => {
  await openInspector(page)
  for (let round = 2; round < 5; round++) {
    await page.getByRole('button', { name: 'Expire the access token' }).click()
    await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
    await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
    // One, also when the page's own steady operation was the first to be refused.
    await expect.poll(async () => (await traffic.generations()).length).toBe(round)
    expect(await figure(page, 'operations')).toBeGreaterThanOrEqual(50 * (round - 1))
  }
})

test('C2, C4: a token that ends under way costs one replay, and nobody notices', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  await expect.poll(() => figure(page, 'replays')).toBeGreaterThan(0)
  // The same in words.
  await expect(page.getByText('Operation replayed with the new token').first()).toBeVisible()
  await expect(page.getByText(/Operation completed · Me · \d+ ×/).first()).toBeVisible()
  expect(await figure(page, 'noticed')).toBe(0)
})

test('C5: a lost answer is asked for again, and the session goes on', async ({ page, traffic }) => {
  await openInspector(page)
  const before = traffic.count('SilentRefresh')
  await page.getByRole('button', { name: 'Lose the next refresh response' }).click()
  await expect.poll(() => traffic.count('SilentRefresh')).toBeGreaterThan(before + 1)
  await expect(page.getByText('Response lost, refresh retried').first()).toBeVisible()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  expect(await figure(page, 'noticed')).toBe(0)
})

test('C5: without a network nobody is signed out, and all goes on when it is back', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Disconnect the network' }).click()
  await expect(page.getByText('We can’t reach the server right now.')).toBeVisible()
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Reconnect the network' }).click()
  await expect(page.getByText('We can’t reach the server right now.')).toBeHidden({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
})

test('who leaves the page with the network cut finds it joined again', async ({ page }) => {
  await openInspector(page)
  await page.getByRole('button', { name: 'Disconnect the network' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText(/^0 of 50 succeeded/)).toBeVisible()
  await expect(page.getByText(/Operation got no response · Me · \d+ ×/).first()).toBeVisible()
  await page.getByRole('link', { name: 'Devices' }).click()
  await expect(page.getByText('This device', { exact: true })).toBeVisible()
})

test('C12: a second tab takes over the first one’s token', async ({ context, page }) => {
  await openInspector(page)
  const link = page.getByRole('link', { name: 'Open a second tab' })
  await expect(link).toHaveAttribute('target', '_blank')
  // Followed by hand: of tabs that a page opens, Playwright now and then never hears.
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

test('S8: a stolen token ends the session it was copied from, and this browser goes on', async ({ page }) => {
  const person = await openInspector(page)
  await page.getByLabel('Password').fill('not the one')
  await page.getByRole('button', { name: 'Simulate the theft' }).click()
  await expect(page.getByText('Incorrect email or password.')).toBeVisible()
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Simulate the theft' }).click()
  await expect(page.getByText('The server answers REFRESH_TOKEN_REUSED')).toBeVisible()
  await expect(page.getByText('token 3 no longer works either: SESSION_REVOKED')).toBeVisible()
  await page.getByRole('link', { name: 'Security' }).click()
  await expect(page.getByText('an old sign-in token was used again').first()).toBeVisible()
})
