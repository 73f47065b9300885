import { arrive, join, newPerson, register, signIn } from '../support/people.ts'
import { CALM, expect, test } from '../support/test.ts'

test.use(CALM)

test('a person creates an account and is signed in', async ({ page }) => {
  const person = await register(page)
  await expect(page.getByText('This device')).toBeVisible()
  await expect(page.getByText(person.email)).toBeVisible()
  await expect(page).toHaveTitle('Overview · Silent Refresh')
})

test('C11: a reload keeps the session', async ({ page }) => {
  const person = await arrive(page)
  await expect(page.getByText('This device')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
})

test('C12: a sign-out reaches the other tab', async ({ context, page }) => {
  await arrive(page)
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

test('a visitor of a protected page signs in and comes back to it', async ({ page, request }) => {
  const person = await join(request)
  await page.goto('/?from=mail')
  await expect(page).toHaveURL(/\/sign-in\?next=/)
  await signIn(page, person)
  await expect(page).toHaveURL(/\/\?from=mail$/)
})

test('`next` never leads to another site', async ({ page, request }) => {
  const person = await join(request)
  for (const next of ['/\\evil.example', 'javascript:alert(1)']) {
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
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.')
  await expect(page.getByLabel('Email')).toHaveValue(person.email)
  await expect(page.getByLabel('Password')).toHaveValue('not the one')
  expect(traffic.count('SilentRefresh')).toBe(0)
})

test('forms say what is wrong before they are sent, and what the server refuses', async ({
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

  const person = await join(request)
  await page.getByLabel('Username').fill('Somebody else')
  await page.getByLabel('Email').fill(` ${person.email.toUpperCase()} `)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('alert')).toHaveText('An account with this email already exists.')
})

test('an unknown address shows a page of its own', async ({ page }) => {
  await page.goto('/nothing/here')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found')
  await expect(page).toHaveTitle('Page not found · Silent Refresh')
})
