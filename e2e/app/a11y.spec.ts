import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { DEFAULT_TTL, expect, settled, test } from '../support/test.ts'
import { createUser, newUser, openAs, openAsNewUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

const NARROW = { width: 320, height: 640 }
const WIDE = { width: 1280, height: 800 }

/** Checks the page in light English and in dark Chinese, so that each theme and each language is covered once. */
async function check(page: Page, what: string): Promise<void> {
  for (const [colorScheme, language] of [
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    // Located by position, because its label changes with the language.
    await page.locator('footer select').first().selectOption(language)
    await expect(page.locator('html')).toHaveAttribute('lang', language)
    await settled(page)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })),
      `${what}, ${colorScheme}, ${language}`,
    ).toEqual([])
  }
  await page.setViewportSize(NARROW)
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `${what}: 320 px`).toBe(NARROW.width)
  await page.setViewportSize(WIDE)
  await page.locator('footer select').first().selectOption('en')
}

test('public pages have no axe violations and fit into 320 px', async ({ page }) => {
  await page.goto('/sign-in')
  await check(page, 'sign in')
  await page.goto('/register')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByText('Use at least 8 characters.')).toBeVisible()
  await check(page, 'create account, with errors')
  await page.goto('/nothing/here')
  await check(page, 'not found')
})

test('account pages have no axe violations and fit into 320 px', async ({ browser, page }) => {
  const user = await openAsNewUser(page)
  const other = await browser.newContext()
  await openAs(await other.newPage(), user)
  await other.close()
  await page.goto('/')
  await check(page, 'overview')
  await page.goto('/devices')
  await page.getByRole('button', { name: 'Rename' }).first().click()
  await check(page, 'devices, one being renamed')
  await page.getByRole('button', { name: 'Sign out other devices' }).click()
  await settled(page)
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.keyboard.press('Escape')
  await page.goto('/security')
  await page.getByLabel('New password').fill('a much better one')
  await check(page, 'security')
  await page.goto('/admin/users')
  await check(page, 'for admins only')
})

test('inspector and user list have no axe violations and fit into 320 px', async ({ page }) => {
  const password = process.env.ADMIN_PASSWORD ?? ''
  await openAs(page, { email: 'admin@example.com', password }, '/inspector')
  await page.getByRole('button', { name: 'Expire the access token' }).click()
  await page.getByRole('button', { name: 'Send 50 operations at once' }).click()
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  await check(page, 'inspector')
  await page.goto('/admin/users')
  await check(page, 'users')
})

test('sign-in works by keyboard, and the focus moves to invalid fields and to the new page', async ({
  page,
  request,
}) => {
  const user = await createUser(request)
  await page.goto('/security')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await press('Enter', 'Tab')
  await expect(page.getByLabel('Email')).toBeFocused()
  await page.keyboard.type(user.email)
  await press('Enter')
  await expect(page.getByLabel('Password')).toBeFocused()
  await expect(page.getByText('This field is required.')).toBeVisible()
  await page.keyboard.type(user.password)
  await press('Tab')
  await expect(page.getByRole('button', { name: 'Show' })).toBeFocused()
  await press('Space')
  await expect(page.getByLabel('Password')).toHaveAttribute('type', 'text')
  await press('Shift+Tab', 'Enter')
  await expect(page).toHaveURL(/\/security$/)
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
})

test('dialogs trap the focus and return it', async ({ browser, page }) => {
  const user = await openAsNewUser(page)
  const other = await browser.newContext()
  await openAs(await other.newPage(), user)
  await other.close()
  await page.goto('/devices')
  const opener = page.getByRole('button', { name: /^Sign out Chrome .+ on Linux$/ })
  await opener.press('Enter')
  const dialog = page.getByRole('dialog', { name: /^Sign out Chrome .+ on Linux\?$/ })
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(opener).toBeFocused()
  const rename = page.getByRole('button', { name: /^Rename Chrome/ }).first()
  await rename.press('Enter')
  await expect(page.getByLabel('New device name')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(rename).toBeFocused()
  // The button disappears together with its device.
  await opener.press('Enter')
  await dialog.getByRole('button', { name: 'Sign out' }).press('Enter')
  await expect(opener).toBeHidden()
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
})

test.describe('a Chinese browser', () => {
  test.use({ locale: 'zh-CN' })

  test('shows Chinese, and remembers a switch to English', async ({ page }) => {
    await page.goto('/sign-in')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('登录')
    await expect(page).toHaveTitle('登录 · Silent Refresh')
    await page.getByLabel('语言').selectOption('en')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
    await page.reload()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  })

  test('shows the error for a wrong password in Chinese', async ({ page }) => {
    await page.goto('/sign-in')
    await page.getByLabel('邮箱').fill(newUser().email)
    await page.getByLabel('密码').fill('not the one')
    await page.getByRole('button', { name: '登录' }).click()
    await expect(page.getByRole('alert')).toHaveText('邮箱或密码错误。')
  })
})

test('the theme follows the system until the user chooses one', async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('/sign-in')
  const light = await ground()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ground).not.toBe(light)
  await page.getByLabel('Theme').selectOption('light')
  await expect.poll(ground).toBe(light)
  await page.reload()
  await expect(page.getByLabel('Theme')).toHaveValue('light')
  expect(await ground()).toBe(light)
  await page.getByLabel('Theme').selectOption('system')
  await expect.poll(ground).not.toBe(light)
})
