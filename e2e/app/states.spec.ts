import type { BrowserContext, Page } from '@playwright/test'
import { arrive, arriveAgain, join, newPerson, signIn } from '../support/people.ts'
import { CALM, expect, settled, test } from '../support/test.ts'

test.use(CALM)

test.describe('without a network', () => {
  test.use({ forgiven: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|dynamically imported module/ })

  test('offline is said, a page that is not here yet can be asked for again, and all goes on', async ({
    context,
    page,
  }) => {
    await arrive(page)
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

  test('a page load that cannot fetch its page says so, and can be asked for again', async ({ context, page }) => {
    await arrive(page, null)
    const file = '**/assets/DevicesView*.js'
    await context.route(file, (route) => route.abort())
    // With a fragment, to go to the address where one is already is no page load.
    await page.goto('/devices#main')
    await expect(page.getByText('This page couldn’t be loaded.')).toBeVisible()
    await context.unroute(file)
    await page.getByRole('link', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Devices')
  })

  test('without the words of a language the app speaks English, until they can be fetched', async ({ page }) => {
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

  for (const [path, words] of [
    ['/', 'admin@example.com'],
    ['/admin/users', 'Sign out everywhere'],
  ] as const) {
    test(`${path}: what the server could not be asked for comes by itself when it is back`, async ({
      context,
      page,
    }) => {
      const password = process.env.ADMIN_PASSWORD ?? ''
      await arriveAgain(page, { email: 'admin@example.com', password }, null)
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
      await expect(page.getByText(words).first()).toBeVisible()
    })
  }

  test('a visitor who is offline is not told to stay signed in', async ({ context, page }) => {
    await page.goto('/sign-in')
    await settled(page)
    await context.setOffline(true)
    await expect(page.getByText('You’re offline.', { exact: true })).toBeVisible()
  })

  test('a sign-out that the server did not hear of is said until the next sign-in', async ({ context, page }) => {
    const untold = page.getByText('You’re signed out in this browser, but')
    const person = await arrive(page)
    await settled(page)
    await context.route('**/graphql', (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(untold).toBeVisible()
    await context.unroute('**/graphql')
    await signIn(page, person)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
    await page.request.post('/graphql', { data: { query: 'mutation { logout }' } })
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByText('You were signed out from another device')).toBeVisible()
    await expect(untold).toBeHidden()
  })

  test('a server that cannot be reached is said, and nobody is signed out', async ({ context, page }) => {
    await context.route('**/graphql', (route) => route.abort())
    await page.goto('/sign-in')
    const person = newPerson()
    await signIn(page, person)
    await expect(page.getByRole('alert')).toHaveText(/We can’t reach the server/)
    await expect(page.getByLabel('Email')).toHaveValue(person.email)
    await context.unroute('**/graphql')

    await arrive(page, '/', person)
    await settled(page)
    await context.route('**/graphql', (route) => route.abort())
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByText('We can’t reach the server right now. You’re still signed in')).toBeVisible()
    await context.unroute('**/graphql')
    // The app stays also when the next page is not here yet.
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
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
  })
})

test('a newer version of the app: a page whose file is gone is loaded anew', async ({ context, page }) => {
  await arrive(page)
  await settled(page)
  // What a deployment does to the files of the version before.
  let asked = 0
  await context.route('**/assets/SecurityView*.js', (route) =>
    asked++ === 0 ? route.fulfill({ status: 404, body: '' }) : route.continue(),
  )
  await page.getByRole('link', { name: 'Security' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Security')
  expect(asked).toBeGreaterThan(1)
})
test.use({ forgiven: /status of 404|dynamically imported module/ })

/** What each way to lose a session says, and how a browser comes to it. */
const ENDS: Record<string, { says: string; lose(context: BrowserContext, first: string): Promise<void> }> = {
  REFRESH_TOKEN_REUSED: {
    says: 'an old sign-in token was used again',
    lose: (context, first) => setRefreshToken(context, first),
  },
  REFRESH_TOKEN_INVALID: {
    says: 'the server doesn’t know this session anymore',
    lose: (context) => setRefreshToken(context, 'nonsense'),
  },
  REFRESH_TOKEN_MISSING: {
    says: 'this browser no longer stores your session',
    lose: (context) => context.clearCookies(),
  },
}

for (const [reason, { says, lose }] of Object.entries(ENDS)) {
  test(`signed out with ${reason}: the page says why, and comes back to where one was`, async ({ context, page }) => {
    const person = await arrive(page, null)
    const first = (await refreshToken(context)) ?? ''
    // Every page load refreshes: after two, the first token is spent for good, also within its grace period.
    for (let load = 0; load < 2; load++) {
      await page.goto('/devices')
      await expect(page.getByText('This device', { exact: true })).toBeVisible()
    }
    await lose(context, first)
    await page.reload()
    await expect(page).toHaveURL(/\/sign-in\?next=\/devices$/)
    await expect(page.getByText(says)).toBeVisible()
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
    await signIn(page, person)
    await expect(page).toHaveURL(/\/devices$/)
    await expect(page.getByText('This device', { exact: true })).toBeVisible()
  })
}

test('why one was signed out stays over a reload of the sign-in page, and goes when one leaves it', async ({
  context,
  page,
}) => {
  const why = page.getByText(ENDS.REFRESH_TOKEN_MISSING?.says ?? '')
  const person = await arrive(page, null)
  await context.clearCookies()
  await page.goto('/devices')
  await expect(why).toBeVisible()
  for (let load = 0; load < 2; load++) {
    await page.reload()
    await expect(why).toBeVisible()
  }
  await page.getByRole('link', { name: 'Skip to content' }).press('Enter')
  await expect(page).toHaveURL(/#main$/)
  await expect(why).toBeVisible()

  // Whoever comes back later may be somebody else.
  await page.goto('/nothing/here')
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await expect(why).toBeHidden()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in')
  await expect(why).toBeHidden()

  // Out again before the next page is there.
  await page.route('**/assets/DevicesView*.js', () => {})
  await signIn(page, person)
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
  if (!cookie) throw new Error('There is no refresh cookie')
  await context.addCookies([{ ...cookie, value }])
}

async function refreshCookie(context: BrowserContext) {
  return (await context.cookies()).find(({ httpOnly }) => httpOnly)
}

test('too many attempts: the page counts down, keeps what was typed, and lets one try again', async ({
  page,
  request,
}) => {
  const person = await join(request)
  await guess(page, person.email, 12)
  await page.clock.install()
  await page.goto('/sign-in')
  await signIn(page, person)
  const seconds = async () => Number(/in (\d+) s/.exec(await page.getByRole('alert').innerText())?.[1])
  await expect(page.getByRole('alert')).toHaveText(/Too many attempts\. Try again in \d+ seconds?\./)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  const before = await seconds()
  const spoken = page.getByRole('alert').getByRole('paragraph') // what ticks is hidden from those who hear it
  const said = await spoken.textContent()
  await page.clock.runFor(3_000)
  await expect.poll(seconds).toBeLessThanOrEqual(before - 3)
  await expect(spoken).toHaveText(said ?? '')
  await page.clock.runFor(before * 1_000)
  await expect(page.getByRole('alert')).toBeEmpty()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await expect(page.getByLabel('Email')).toHaveValue(person.email)
  await expect(page.getByLabel('Password')).toHaveValue(person.password)

  // Another account may be tried at once.
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled()
  await page.getByLabel('Email').fill(newPerson().email)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await expect(page.getByRole('alert')).toBeEmpty()
})

/** Somebody tries passwords, in one request after the other. */
async function guess(page: Page, email: string, times: number): Promise<void> {
  const query = 'mutation Guess($input: LoginInput!) { login(input: $input) { accessToken } }'
  for (let n = 0; n < times; n++) {
    await page.request.post('/graphql', { data: { query, variables: { input: { email, password: `guess ${n}` } } } })
  }
}
