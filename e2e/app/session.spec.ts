import { newPerson, register, signIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

/** The life of an access token in these tests, in milliseconds: see playwright.config.ts. */
const ACCESS_TOKEN_TTL_MS = 2_000

test('a person signs in, and goes on over two expiries without a failed operation', async ({ page, traffic }) => {
  await register(page)
  await expect(page.getByText('This device')).toBeVisible()

  const until = Date.now() + 2.5 * ACCESS_TOKEN_TTL_MS
  let fetches = 0
  while (Date.now() < until) {
    await page.getByRole('button', { name: 'Fetch again' }).click()
    fetches++
    await page.waitForTimeout(150)
  }
  await expect.poll(() => traffic.count('Devices')).toBeGreaterThan(fetches)
  expect(traffic.count('SilentRefresh')).toBeGreaterThanOrEqual(2)
  expect(traffic.answers.filter(({ status }) => status !== 200)).toEqual([])
  await expect(page.getByTestId('noticed')).toHaveText('0')
})

test('C1: two tabs go on together over expiries, and no token is fetched twice', async ({ context, page, traffic }) => {
  await register(page)
  const other = await context.newPage()
  await other.goto('/')
  await expect(other.getByText('This device')).toBeVisible()
  traffic.clear()
  const until = Date.now() + 3 * ACCESS_TOKEN_TTL_MS
  while (Date.now() < until) {
    await Promise.all([page, other].map((tab) => tab.getByRole('button', { name: 'Fetch again' }).click()))
    await page.waitForTimeout(200)
  }
  // Two tabs that each refreshed for themselves would get one generation twice, within its grace period.
  const generations = await traffic.generations()
  expect(generations.length).toBeGreaterThanOrEqual(3)
  expect(new Set(generations).size).toBe(generations.length)
  for (const tab of [page, other]) await expect(tab.getByTestId('noticed')).toHaveText('0')
})

test('C11: a reload keeps the session', async ({ page }) => {
  const person = await register(page)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
})

test('C12: a sign-out reaches the other tab', async ({ context, page }) => {
  await register(page)
  const other = await context.newPage()
  await other.goto('/')
  await expect(other.getByText('This device')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)
  await expect(other).toHaveURL(/\/sign-in/)
  await expect(other.getByText('You are signed out.')).toBeVisible()
  await other.reload()
  await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('a visitor of a protected page signs in and comes back to it', async ({ page }) => {
  const person = await register(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.goto('/?from=mail')
  await expect(page).toHaveURL(/\/sign-in\?next=/)
  await signIn(page, person)
  await expect(page).toHaveURL(/\/\?from=mail$/)
})

test('`next` never leads to another site', async ({ page }) => {
  const person = await register(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/sign-in/)
  for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`)
    await signIn(page, person)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
    expect(new URL(page.url()).pathname).toBe('/')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/sign-in/)
  }
})

test('a wrong password is said in plain words, and what was typed stays', async ({ page, traffic }) => {
  const person = newPerson()
  await page.goto('/sign-in')
  await signIn(page, { email: person.email, password: 'not the one' })
  await expect(page.getByRole('alert')).toHaveText('The email or the password is wrong.')
  await expect(page.getByLabel('Email')).toHaveValue(person.email)
  await expect(page.getByLabel('Password')).toHaveValue('not the one')
  expect(traffic.count('SilentRefresh')).toBe(0)
})

test('forms say what is wrong before they are sent, and what the server refuses', async ({ page, traffic }) => {
  await page.goto('/register')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByText('Give a name of 1 to 50 characters.')).toBeVisible()
  await expect(page.getByText('Give an address like name@example.com.')).toBeVisible()
  await expect(page.getByText('At least 8 characters.')).toBeVisible()
  await expect(page.getByLabel('Username')).toBeFocused()
  expect(traffic.count('Register')).toBe(0)

  const person = await register(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/sign-in/)
  await page.goto('/register')
  await page.getByLabel('Username').fill('Somebody else')
  await page.getByLabel('Email').fill(` ${person.email.toUpperCase()} `)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('alert')).toHaveText('There is an account with this email already.')
})

test('an unknown address shows a page of its own', async ({ page }) => {
  await page.goto('/nothing/here')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found')
  await expect(page).toHaveTitle('Page not found · Silent Refresh')
})
