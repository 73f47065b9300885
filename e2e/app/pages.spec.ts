import type { Page } from '@playwright/test'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { openAs, openAsNewUser, signIn, signInElsewhere } from '../support/users.ts'

test.use(DEFAULT_TTL)

test('devices: another device is listed, renamed and signed out immediately', async ({ browser, page }) => {
  const user = await openAsNewUser(page, null)
  const context = await browser.newContext({
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  })
  const phone = await context.newPage()
  await openAs(phone, user)
  await expect(phone.getByText('Safari 18 on iOS')).toBeVisible()

  await page.goto('/devices')
  const devices = page.getByRole('listitem').filter({ hasText: '127.0.0.1' })
  await expect(devices).toHaveCount(2)
  await expect(devices.first()).toContainText('This device')
  await devices.last().getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New device name').fill('Phone of Ada')
  await page.keyboard.press('Enter')
  await expect(devices.last()).toContainText('Phone of Ada')

  await devices.last().getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(devices).toHaveCount(2)
  await devices.last().getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await expect(devices).toHaveCount(1)

  await expect(phone).toHaveURL(/\/sign-in\?next=/)
  await expect(phone.getByText('You were signed out from another device')).toBeVisible()
  await page.getByRole('link', { name: 'Security' }).click()
  const events = page.getByRole('region', { name: 'Security log' }).getByRole('listitem')
  await expect(events.filter({ hasText: 'You signed out a device' })).toContainText('Device: Phone of Ada')
  await context.close()
})

test('devices: all other devices are signed out and return to their page after signing in', async ({
  browser,
  page,
}) => {
  const user = await openAsNewUser(page, null)
  const others: Page[] = []
  for (let n = 0; n < 2; n++) {
    const other = await (await browser.newContext()).newPage()
    await openAs(other, user, '/devices')
    await expect(other.getByText('This device', { exact: true })).toBeVisible()
    others.push(other)
  }
  await page.goto('/devices')
  await page.getByRole('button', { name: 'Sign out other devices' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out other devices' }).click()
  await expect(page.getByText('2 devices have been signed out.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Sign out other devices' })).toBeHidden()
  const [other] = others
  await other?.reload()
  await expect(other as Page).toHaveURL(/\/sign-in\?next=\/devices/)
  await signIn(other as Page, user)
  await expect(other as Page).toHaveURL(/\/devices$/)
  for (const one of others) await one.context().close()
})

test('security: a wrong current password is rejected, and a new password signs out other devices', async ({
  browser,
  page,
}) => {
  const user = await openAsNewUser(page, null)
  const other = await (await browser.newContext()).newPage()
  await openAs(other, user)
  await expect(other.getByRole('heading', { level: 1 })).toContainText('Hello')

  await page.goto('/security')
  await page.getByLabel('Current password').fill('not the one')
  await page.getByLabel('New password').fill('a much better one')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('This isn’t your current password.')).toBeVisible()
  await expect(page.getByLabel('New password')).toHaveValue('a much better one')
  await page.getByLabel('Current password').fill(user.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Your password has been changed')).toBeVisible()

  await other.reload()
  await expect(other).toHaveURL(/sign-in/)
  await signIn(other, user)
  await expect(other.getByRole('alert')).toHaveText('Incorrect email or password.')
  await signIn(other, { ...user, password: 'a much better one' })
  await expect(other.getByRole('heading', { level: 1 })).toContainText('Hello')
  await other.context().close()
})

test.describe('while the server is unreachable', () => {
  test.use({ expectedErrors: /ERR_FAILED/ })

  test('security: the log is loaded page by page', async ({ page }) => {
    const user = await openAsNewUser(page, null)
    for (let n = 0; n < 6; n++) {
      await page.request.post('/graphql', { data: { query: 'mutation { logout }' } })
      await openAs(page, user, n < 5 ? null : '/security')
    }
    const entries = page.getByRole('region', { name: 'Security log' }).getByRole('listitem')
    await expect(entries).toHaveCount(10)
    const more = page.getByRole('button', { name: 'Show more' })
    await page.route('**/graphql', (route) => route.abort())
    await more.click()
    await expect(page.getByRole('alert').filter({ hasText: 'We can’t reach the server.' })).toHaveCount(1)
    await page.unroute('**/graphql')
    await more.press('Enter')
    await expect(entries).toHaveCount(13)
    await expect(more).toBeHidden()
    await expect(entries.nth(10)).toBeFocused()
    await expect(page.getByRole('alert').filter({ hasText: 'We can’t reach the server.' })).toHaveCount(0)
  })
})

test('devices: the list follows sign-ins and sign-outs on other devices', async ({ page, request }) => {
  const user = await openAsNewUser(page, '/devices')
  const devices = page.getByRole('listitem').filter({ hasText: '127.0.0.1' })
  await expect(devices).toHaveCount(1)
  const soon = { timeout: 15_000 } // long before the list is loaded again by itself
  const elsewhere = await signInElsewhere(request, user)
  await expect(devices).toHaveCount(2, soon)
  await elsewhere.signOut()
  await expect(devices).toHaveCount(1, soon)
})
