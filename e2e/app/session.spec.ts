import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { createUser, newUser, openAsNewUser, register, signIn } from '../support/users.ts'

test.use(DEFAULT_TTL)

test('creating an account signs the user in', async ({ page }) => {
  const user = await register(page)
  await expect(page.getByText('This device')).toBeVisible()
  await expect(page.getByText(user.email)).toBeVisible()
  await expect(page).toHaveTitle('Overview · Silent Refresh')
})

test('C11: a reload keeps the session', async ({ page }) => {
  const user = await openAsNewUser(page)
  await expect(page.getByText('This device')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
})

test('C12: signing out in one tab signs out the other', async ({ context, page }) => {
  await openAsNewUser(page)
  const other = await context.newPage()
  await other.goto('/')
  await expect(other.getByText('This device')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)
  await expect(other).toHaveURL(/\/sign-in/)
  await expect(other.getByText('You’re signed out.')).toBeVisible()
  await other.reload()
  await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('a visitor of a protected page returns to it after signing in', async ({ page, request }) => {
  const user = await createUser(request)
  await page.goto('/?from=mail')
  await expect(page).toHaveURL(/\/sign-in\?next=/)
  await signIn(page, user)
  await expect(page).toHaveURL(/\/\?from=mail$/)
})

test('`next` never leads to another site', async ({ page, request }) => {
  const user = await createUser(request)
  for (const next of ['/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`)
    await signIn(page, user)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
    expect(new URL(page.url()).pathname).toBe('/')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/sign-in/)
  }
})

test('a wrong password shows an error and keeps the input', async ({ page, traffic }) => {
  const user = newUser()
  await page.goto('/sign-in')
  await signIn(page, { email: user.email, password: 'not the one' })
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.')
  await expect(page.getByLabel('Email')).toHaveValue(user.email)
  await expect(page.getByLabel('Password')).toHaveValue('not the one')
  expect(traffic.count('SilentRefresh')).toBe(0)
})

test('forms show invalid fields before submitting and the errors of the server after', async ({
  page,
  request,
  traffic,
}) => {
  await page.goto('/register')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByText('Enter a username of 1 to 50 characters.')).toBeVisible()
  await expect(page.getByText('Enter an email address like name@example.com.')).toBeVisible()
  await expect(page.getByText('Use at least 8 characters.')).toBeVisible()
  await expect(page.getByLabel('Username')).toBeFocused()
  expect(traffic.count('Register')).toBe(0)

  const user = await createUser(request)
  await page.getByLabel('Username').fill('Somebody else')
  await page.getByLabel('Email').fill(` ${user.email.toUpperCase()} `)
  await page.getByLabel('Password').fill(user.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('alert')).toHaveText('An account with this email already exists.')
})

test('an unknown path shows the "Page not found" page', async ({ page }) => {
  await page.goto('/nothing/here')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found')
  await expect(page).toHaveTitle('Page not found · Silent Refresh')
})
