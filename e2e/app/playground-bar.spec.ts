import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { bar, openPlayground, openTab, run, signInWithForm, writeHeaders } from '../support/playground-page.ts'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { createUser, openAsNewUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

/** Checks the bar in both themes, and that it fits on a phone. */
async function check(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).include('#bar').analyze()
    expect(
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })),
      `${what}, ${colorScheme}`,
    ).toEqual([])
  }
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `${what}: 390 px`).toBe(390)
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${what}.png` })
  await page.setViewportSize({ width: 1280, height: 720 })
}

test('the bar has no axe violations in light and dark, and fits into 390 px', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await check(page, 'signed out')
  await signInWithForm(page, { ...user, password: 'not the one' })
  await expect(bar(page).getByRole('alert')).toHaveText('The email or the password is wrong.')
  await check(page, 'form with an error')
  await bar(page).getByLabel('Password').fill(user.password)
  await page.keyboard.press('Enter')
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await openTab(page, 'securityEvent')
  await run(page)
  await expect(bar(page)).toContainText('Subscription running.')
  await writeHeaders(page, '{"authorization": "Bearer x"}')
  await expect(bar(page)).toContainText('The Authorization header')
  await check(page, 'signed in')
})

test('the form works by keyboard, and the focus stays in the bar', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const button = (name: string) => bar(page).getByRole('button', { name, exact: true })
  await button('Sign in').focus()
  await press('Enter')
  await expect(bar(page).getByLabel('Email')).toBeFocused()
  await press('Escape')
  await expect(button('Sign in')).toBeFocused()
  await press('Enter')
  await expect(bar(page).getByLabel('Email')).toBeFocused()
  await page.keyboard.type(user.email)
  await press('Tab')
  await page.keyboard.type(user.password)
  await press('Enter')
  await expect(button('Sign out')).toBeFocused()
  await press('Enter')
  await expect(button('Sign in')).toBeFocused()
})

test('changes are announced, but not the seconds of the token', async ({ page }) => {
  const user = await openAsNewUser(page, null)
  await openPlayground(page)
  await expect(bar(page)).toContainText(/token (renews within|expires in) \d+\ss/)
  await expect(bar(page).getByRole('status').first()).toHaveText(`Signed in as ${user.email}`)
})

test('the seconds of the token stay beside their unit, however narrow the window is', async ({ page }) => {
  await openAsNewUser(page, null)
  await openPlayground(page)
  await expect(bar(page)).toContainText(/token (renews within|expires in) \d+\ss/)
  const tornAt = await page.evaluate(() => {
    const who = document.querySelector<HTMLElement>('#bar .who')
    const text = [...(who?.querySelector('.token')?.childNodes ?? [])].at(-1)
    const found = /\d+\ss/.exec(text?.textContent ?? '')
    if (!who || !text || !found) throw new Error('The bar shows no token.')
    const duration = document.createRange()
    duration.setStart(text, found.index)
    duration.setEnd(text, found.index + found[0].length)
    const torn: number[] = []
    for (let width = 200; width <= 500; width += 5) {
      who.style.width = `${width}px`
      if (duration.getClientRects().length > 1) torn.push(width)
    }
    return torn
  })
  expect(tornAt).toEqual([])
})

test('the bar follows the theme of the settings', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await openPlayground(page)
  // Not by its role, because the dialog hides everything else from assistive technology.
  const ground = () => page.locator('#bar').evaluate((element) => getComputedStyle(element).backgroundColor)
  const light = await ground()
  await page.getByRole('button', { name: 'Open settings dialog' }).click()
  await page.getByRole('button', { name: 'Dark', exact: true }).click()
  await expect.poll(ground).not.toBe(light)
  await page.getByRole('button', { name: 'Light', exact: true }).click()
  await expect.poll(ground).toBe(light)
  await page.getByRole('button', { name: 'System', exact: true }).click()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ground).not.toBe(light)
})

test('too many attempts are refused with the time to wait', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await signInWithForm(page, { ...user, password: 'wrong' })
  const problem = bar(page).getByRole('alert')
  await expect(problem).toHaveText('The email or the password is wrong.')
  await expect(async () => {
    await bar(page).getByLabel('Password').press('Enter')
    await expect(problem).toHaveText(/^Too many attempts\. Try again in \d+ seconds?\.$/, { timeout: 500 })
  }).toPass()
})

test.describe('without a connection', () => {
  test.use({ expectedErrors: /ERR_FAILED|ERR_INTERNET_DISCONNECTED/ })

  test('the form and the result say so, and the session continues', async ({ page, request }) => {
    const user = await createUser(request)
    await openPlayground(page)
    await page.route('**/graphql', (route) => route.abort())
    await signInWithForm(page, user)
    const words = 'The server cannot be reached.'
    await expect(bar(page).getByRole('alert')).toContainText(words)
    await run(page)
    await expect(page.locator('.result-window .view-lines')).toContainText(/The\sserver\scannot\sbe\sreached/)
    await page.unroute('**/graphql')
    await bar(page).getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  })
})

const JUNK: unknown[] = [
  42,
  'junk',
  [],
  { version: 'x' },
  { version: 9, epoch: 'a', userId: { id: 1 } },
  { version: Number.MAX_SAFE_INTEGER, epoch: Number.MAX_SAFE_INTEGER, userId: 'nobody', refreshToken: 'junk' },
]

test('a broken stored session breaks nothing: one click signs in', async ({ page }) => {
  await openPlayground(page)
  for (const junk of JUNK) {
    await page.evaluate(async (record) => {
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open('silent-refresh', 1)
        opening.onupgradeneeded = () => opening.result.createObjectStore('sessions')
        opening.onerror = reject
        opening.onsuccess = () => {
          const writing = opening.result.transaction('sessions', 'readwrite')
          writing.objectStore('sessions').put(record, `silent-refresh:${location.origin}/graphql`)
          writing.oncomplete = resolve
          writing.onabort = reject
        }
      })
    }, junk)
    await page.reload()
    // The record may name a session: the server then says that it has ended.
    await expect(bar(page).getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
    await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
    await expect(bar(page), JSON.stringify(junk)).toContainText('Signed in as')
    await bar(page).getByRole('button', { name: 'Sign out' }).click()
    await expect(bar(page)).toContainText('You signed out.')
  }
})

test('with blocked storage, one click signs in and `me` works', async ({ page }) => {
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    }
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
      Object.defineProperty(globalThis, name, { get: refuse })
  })
  const demoUser = await openPlayground(page)
  await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
  await expect(bar(page)).toContainText(`Signed in as ${demoUser}`)
  await run(page)
  await expect(page.locator('.result-window .view-lines')).toContainText(demoUser)
})
