import type { BrowserContext, Page } from '@playwright/test'
import { DEFAULT_TTL, expect, settled, test } from '../support/test.ts'
import { createUser, newUser, openAs, openAsNewUser, signIn } from '../support/users.ts'

test.use(DEFAULT_TTL)

test.describe('without a network', () => {
  test.use({ expectedErrors: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|dynamically imported module/ })

  test('the app reports that it is offline, and a page that failed to load can be retried', async ({
    context,
    page,
  }) => {
    await openAsNewUser(page)
    await settled(page)
    await context.setOffline(true)
    await expect(page.getByText('You’re offline. You’ll stay signed in')).toBeVisible()
    await page.getByRole('link', { name: 'Security' }).click()
    await expect(page.getByText('This page couldn’t be loaded.')).toBeVisible()
    await context.setOffline(false)
    await expect(page.getByText('You’re offline.')).toBeHidden()
    await page.getByRole('link', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Security')
  })

  test('a first page whose code fails to load can be retried', async ({ context, page }) => {
    await openAsNewUser(page, null)
    const file = '**/assets/DevicesView*.js'
    await context.route(file, (route) => route.abort())
    // Assigning the current address does not load the page when it has a fragment.
    await page.goto('/devices#main')
    await expect(page.getByText('This page couldn’t be loaded.')).toBeVisible()
    await context.unroute(file)
    await page.getByRole('link', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices')
  })

  test('the app stays in English while the texts of another language cannot be loaded', async ({ page }) => {
    await page.addInitScript(() => localStorage.setItem('silent-refresh.language', 'zh-CN'))
    const file = '**/assets/zh-cn*.js'
    await page.route(file, (route) => route.abort())
    await page.goto('/sign-in')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
    const choice = page.getByLabel('Language')
    const asked = page.waitForEvent('requestfailed')
    await choice.selectOption('中文')
    await asked
    await expect(choice).toHaveValue('en')
    await page.unroute(file)
    await choice.selectOption('中文')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('登录')
  })

  for (const [path, text] of [
    ['/', 'admin@example.com'],
    ['/admin/users', 'Sign out everywhere'],
  ] as const) {
    test(`${path}: failed queries are retried until the server is back`, async ({ context, page }) => {
      const password = process.env.ADMIN_PASSWORD ?? ''
      await openAs(page, { email: 'admin@example.com', password }, null)
      await context.route('**/graphql', (route) => route.abort())
      await page.clock.install()
      await page.goto(path)
      const trouble = page.getByRole('alert').filter({ hasText: 'We can’t reach the server.' })
      await expect(async () => {
        await page.clock.runFor(1_000)
        await expect(trouble.first()).toBeVisible({ timeout: 100 })
      }).toPass()
      await context.unroute('**/graphql')
      await expect(async () => {
        await page.clock.runFor(1_000)
        await expect(trouble).toHaveCount(0, { timeout: 100 })
      }).toPass()
      await expect(page.getByRole('link', { name: 'Users' })).toBeVisible()
      await expect(page.getByText(text).first()).toBeVisible()
    })
  }

  test('the offline notice for visitors does not mention staying signed in', async ({ context, page }) => {
    await page.goto('/sign-in')
    await settled(page)
    await context.setOffline(true)
    await expect(page.getByText('You’re offline.', { exact: true })).toBeVisible()
  })

  test('a sign-out that did not reach the server is reported until the next sign-in', async ({ context, page }) => {
    const incomplete = page.getByText('You’re signed out in this browser, but')
    const user = await openAsNewUser(page)
    await settled(page)
    await context.route('**/graphql', (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(incomplete).toBeVisible()
    await context.unroute('**/graphql')
    await signIn(page, user)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
    await page.request.post('/graphql', { data: { query: 'mutation { logout }' } })
    // The app may notice it before it is asked, and then there is no such button any more.
    const reload = page.getByRole('button', { name: 'Reload' }).click()
    reload.catch(() => {})
    await expect(page.getByText('You were signed out')).toBeVisible()
    await expect(incomplete).toBeHidden()
  })

  test('an unreachable server is reported, and the user stays signed in', async ({ context, page }) => {
    await context.route('**/graphql', (route) => route.abort())
    await page.goto('/sign-in')
    const user = newUser()
    await signIn(page, user)
    await expect(page.getByRole('alert')).toHaveText(/We can’t reach the server/)
    await expect(page.getByLabel('Email')).toHaveValue(user.email)
    await context.unroute('**/graphql')

    await openAsNewUser(page, '/', user)
    await settled(page)
    await context.route('**/graphql', (route) => route.abort())
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByText('We can’t reach the server right now. You’re still signed in')).toBeVisible()
    await context.unroute('**/graphql')
    // The app stays even if the next page has not been loaded yet.
    await context.route(/^http/, (route) => route.abort())
    await page.getByRole('link', { name: 'Security' }).click()
    await expect(page.getByText('This page couldn’t be loaded.')).toBeVisible()
    const asked = page.waitForEvent('requestfailed', (request) => new URL(request.url()).pathname === '/security')
    await page.getByRole('link', { name: 'Try again' }).click()
    await asked
    await expect(page.getByText('This page couldn’t be loaded.')).toBeVisible()
    await expect(page).toHaveURL('/')
    await context.unroute(/^http/)
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByText('We can’t reach the server right now.')).toBeHidden()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
  })
})

test('after a deployment, a page whose file is gone is loaded from the server', async ({ context, page }) => {
  await openAsNewUser(page)
  await settled(page)
  // A deployment removes the files of the previous version.
  let asked = 0
  await context.route('**/assets/SecurityView*.js', (route) =>
    asked++ === 0 ? route.fulfill({ status: 404, body: '' }) : route.continue(),
  )
  await page.getByRole('link', { name: 'Security' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Security')
  expect(asked).toBeGreaterThan(1)
})
test.use({ expectedErrors: /status of 404|dynamically imported module|COOKIE_NAME/ })

/** The message for each way to lose a session, and how to cause it. */
const ENDS: Record<string, { message: string; lose(context: BrowserContext, first: string): Promise<void> }> = {
  REFRESH_TOKEN_REUSED: {
    message: 'an old sign-in token was used again',
    lose: (context, first) => setRefreshToken(context, first),
  },
  'REFRESH_TOKEN_MISSING, because another deployment has replaced the cookie': {
    message: 'your session is no longer stored in this browser',
    lose: (context) => setRefreshToken(context, 'foreign'),
  },
  REFRESH_TOKEN_MISSING: {
    message: 'your session is no longer stored in this browser',
    lose: (context) => context.clearCookies(),
  },
}

for (const [reason, { message, lose }] of Object.entries(ENDS)) {
  test(`${reason}: the sign-in page shows the reason and returns to the previous page`, async ({ context, page }) => {
    const user = await openAsNewUser(page, null)
    const first = (await refreshToken(context)) ?? ''
    // Every page load refreshes. After two loads the first token counts as reuse, even within the grace period.
    for (let load = 0; load < 2; load++) {
      await page.goto('/devices')
      await expect(page.getByText('This device', { exact: true })).toBeVisible()
    }
    await lose(context, first)
    await page.reload()
    await expect(page).toHaveURL(/\/sign-in\?next=\/devices$/)
    await expect(page.getByText(message)).toBeVisible()
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await signIn(page, user)
    await expect(page).toHaveURL(/\/devices$/)
    await expect(page.getByText('This device', { exact: true })).toBeVisible()
  })
}

test('the sign-out reason survives a reload of the sign-in page and is cleared when the user leaves it', async ({
  context,
  page,
}) => {
  const reason = page.getByText(ENDS.REFRESH_TOKEN_MISSING?.message ?? '')
  const user = await openAsNewUser(page, null)
  await context.clearCookies()
  await page.goto('/devices')
  await expect(reason).toBeVisible()
  for (let load = 0; load < 2; load++) {
    await page.reload()
    await expect(reason).toBeVisible()
  }
  await page.getByRole('link', { name: 'Skip to content' }).press('Enter')
  await expect(page).toHaveURL(/#main$/)
  await expect(reason).toBeVisible()

  // Another user may return to the page later.
  await page.goto('/nothing/here')
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await expect(reason).toBeHidden()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await expect(reason).toBeHidden()

  // Sign out before the next page has loaded.
  await page.route('**/assets/DevicesView*.js', () => {})
  await signIn(page, user)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByText('You’re signed out.')).toBeVisible()
  await page.reload()
  await expect(page.getByText('You’re signed out.')).toBeVisible()
})

async function refreshToken(context: BrowserContext): Promise<string | undefined> {
  return (await refreshCookie(context))?.value
}

async function setRefreshToken(context: BrowserContext, value: string): Promise<void> {
  const cookie = await refreshCookie(context)
  if (!cookie) throw new Error('The browser has no refresh cookie.')
  await context.addCookies([{ ...cookie, value }])
}

async function refreshCookie(context: BrowserContext) {
  return (await context.cookies()).find(({ name }) => name.endsWith('refresh-token'))
}

test('too many attempts: the form counts down, keeps the input and allows another attempt', async ({
  page,
  request,
}) => {
  const user = await createUser(request)
  await guess(page, user.email, 12)
  await page.clock.install()
  await page.goto('/sign-in')
  await signIn(page, user)
  const seconds = async () => Number(/in (\d+) s/.exec(await page.getByRole('alert').innerText())?.[1])
  await expect(page.getByRole('alert')).toHaveText(/Too many attempts\. Try again in \d+ seconds?\./)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  const before = await seconds()
  const spoken = page.getByRole('alert').getByRole('paragraph') // The countdown is hidden from screen readers.
  const initial = await spoken.textContent()
  await page.clock.runFor(3_000)
  await expect.poll(seconds).toBeLessThanOrEqual(before - 3)
  await expect(spoken).toHaveText(initial ?? '')
  await page.clock.runFor(before * 1_000)
  await expect(page.getByRole('alert')).toBeEmpty()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await expect(page.getByLabel('Email')).toHaveValue(user.email)
  await expect(page.getByLabel('Password')).toHaveValue(user.password)

  // Another account can be used immediately.
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  await page.getByLabel('Email').fill(newUser().email)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await expect(page.getByRole('alert')).toBeEmpty()
})

/** Tries wrong passwords one after another. */
async function guess(page: Page, email: string, times: number): Promise<void> {
  const query = 'mutation Guess($input: LoginInput!) { login(input: $input) { accessToken } }'
  for (let n = 0; n < times; n++) {
    await page.request.post('/graphql', { data: { query, variables: { input: { email, password: `guess ${n}` } } } })
  }
}
