import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { openAs, openAsNewUser } from '../support/users.ts'

const FOLDER = join(import.meta.dirname, '../../docs/screens')
const QUALITY = 78
const MAX_BYTES = 60_000

const ADA = { username: 'Ada Lovelace', email: 'ada@example.com', password: 'analytical engine 1843' }
const LAPTOP = {
  agent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  address: '198.51.100.7',
}
const PHONE = {
  agent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  address: '203.0.113.20',
}
const DESKTOP = {
  agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  address: '192.0.2.44',
}

/** Opens a page on a device with its own browser. */
async function device(browser: Browser, { agent, address }: typeof LAPTOP): Promise<Page> {
  const context = await browser.newContext({
    userAgent: agent,
    extraHTTPHeaders: { 'x-forwarded-for': address },
    viewport: { width: 1120, height: 700 },
  })
  return context.newPage()
}

/** Saves the viewport, or the first `rows` pixels of the page, as a small WebP image. */
async function keep(page: Page, name: string, { rows }: { rows?: number } = {}): Promise<void> {
  await expect(page.locator('h1')).toBeVisible()
  await expect(page.getByRole('status', { name: /Loading|加载中/ })).toHaveCount(0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  // Wait for colour transitions after a change of theme.
  await page.waitForFunction(() => document.getAnimations().every((one) => !(one instanceof CSSTransition)))
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
  const devtools = await page.context().newCDPSession(page)
  const { data } = await devtools.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: rows ?? height, scale: 1 },
  })
  await devtools.detach()
  const image = Buffer.from(data, 'base64')
  expect(image.length, name).toBeLessThan(MAX_BYTES)
  writeFileSync(join(FOLDER, `${name}.webp`), image)
}

/** Saves the page in both themes. */
async function keepBoth(page: Page, name: string, options?: { rows?: number }): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await keep(page, `${name}-${colorScheme}`, options)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

async function inspect(page: Page): Promise<void> {
  await page.goto('/inspector')
  const press = (name: string) => page.getByRole('button', { name }).click()
  await page.waitForTimeout(14_000)
  await press('Expire the access token')
  await press('Send 50 operations at once')
  await expect(page.getByText('50 of 50 succeeded.')).toBeVisible()
  await page.waitForTimeout(12_000)
  await press('Lose the next refresh response')
  await page.waitForTimeout(9_000)
}

test('gallery', async ({ browser }) => {
  test.setTimeout(180_000)
  const laptop = await device(browser, LAPTOP)
  await laptop.goto('/sign-in')
  await keepBoth(laptop, 'sign-in')
  await laptop.goto('/register')
  await laptop.getByRole('button', { name: 'Create account' }).click()
  await keep(laptop, 'create-account-light')
  await openAsNewUser(laptop, '/', ADA)

  const [phone, desktop] = [await device(browser, PHONE), await device(browser, DESKTOP)]
  await openAs(phone, ADA, '/devices')
  await phone.getByRole('listitem').first().getByRole('button', { name: 'Rename' }).click()
  await phone.getByLabel('New device name').fill('Ada’s phone')
  await phone.keyboard.press('Enter')
  await expect(phone.getByText('Ada’s phone')).toBeVisible()
  await openAs(desktop, ADA)

  await laptop.goto('/')
  await laptop.waitForTimeout(6_000)
  await keepBoth(laptop, 'overview', { rows: 980 })
  await laptop.goto('/devices')
  await keepBoth(laptop, 'devices')
  await inspect(laptop)
  await keepBoth(laptop, 'inspector', { rows: 1_000 })

  await phone.setViewportSize({ width: 360, height: 720 })
  for (const path of ['overview', 'devices']) {
    await phone.goto(path === 'overview' ? '/' : `/${path}`)
    await keep(phone, `${path}-phone`)
  }
  await laptop.goto('/devices')
  await laptop.getByRole('listitem').filter({ hasText: 'Firefox' }).getByRole('button', { name: 'Sign out' }).click()
  await laptop.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await expect(laptop.getByText('The device has been signed out.')).toBeVisible()
  await expect(desktop.getByText('You were signed out from another device')).toBeVisible()
  await keep(desktop, 'signed-out-light')

  await laptop.goto('/security')
  await laptop.getByLabel('New password').fill('difference engine no. 2')
  await keepBoth(laptop, 'security')
  await laptop.getByLabel('Language').selectOption('zh-CN')
  await expect(laptop.locator('html')).toHaveAttribute('lang', 'zh-CN')
  for (const path of ['overview', 'devices', 'security']) {
    await laptop.goto(path === 'overview' ? '/' : `/${path}`)
    await keep(laptop, `${path}-zh-cn`)
  }
  await laptop.getByLabel('语言').selectOption('en')
  await laptop.context().setOffline(true)
  await expect(laptop.getByText('You’re offline.')).toBeVisible()
  await keep(laptop, 'offline-light')

  const admin = await device(browser, DESKTOP)
  await openAs(admin, { email: 'admin@example.com', password: process.env.ADMIN_PASSWORD ?? '' }, '/admin/users')
  await keep(admin, 'users-light')
})
