import { randomUUID } from 'node:crypto'
import { type APIRequestContext, expect, type Page } from '@playwright/test'

export interface User {
  username: string
  email: string
  password: string
}

export type Credentials = Pick<User, 'email' | 'password'>

/** A user that no other test has. */
export function newUser(): User {
  const id = randomUUID().slice(0, 8)
  return { username: `Ada ${id}`, email: `ada-${id}@example.com`, password: `correct horse ${id}` }
}

/**
 * Creates an account and signs in without the forms, and opens the page at `path` unless it is null. Afterwards the
 * browser has the same cookie and stored record as after a sign-in in the app.
 */
export async function openAsNewUser(page: Page, path: string | null = '/', user = newUser()): Promise<User> {
  await authenticate(page, 'register', user)
  if (path) await page.goto(path)
  return user
}

/** Does the same with an existing account, as a new device. */
export async function openAs(page: Page, { email, password }: Credentials, path: string | null = '/'): Promise<void> {
  await authenticate(page, 'login', { email, password })
  if (path) await page.goto(path)
}

async function authenticate(page: Page, field: 'register' | 'login', input: object): Promise<void> {
  // An empty page of the same origin.
  const body = '<!doctype html><link rel="icon" href="data:,">'
  await page.route('**/empty', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto('/empty')
  await page.evaluate(
    async ({ field, type, input }) => {
      const query = `mutation Enter($input: ${type}!) { ${field}(input: $input) { user { id } } }`
      const answer = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { input } }),
      })
      const { data, errors } = await answer.json()
      if (errors) throw new Error(JSON.stringify(errors))
      const name = 'silent-refresh'
      const record = { version: 1, epoch: 1, userId: data[field].user.id }
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, 1)
        opening.onupgradeneeded = () => opening.result.createObjectStore('sessions')
        opening.onerror = reject
        opening.onsuccess = () => {
          const writing = opening.result.transaction('sessions', 'readwrite')
          writing.objectStore('sessions').put(record, `${name}:${location.origin}/graphql`)
          writing.oncomplete = resolve
          writing.onabort = reject
        }
      })
    },
    {
      field,
      type: field === 'login' ? 'LoginInput' : 'RegisterInput',
      input: { ...input, appId: 'account-centre', tokenTransport: 'COOKIE' },
    },
  )
}

/** Creates an account without a browser. */
export async function createUser(request: APIRequestContext, user = newUser()): Promise<User> {
  const query = 'mutation Join($input: RegisterInput!) { register(input: $input) { user { id } } }'
  const answer = await request.post('/graphql', { data: { query, variables: { input: user } } })
  expect(await answer.json()).not.toHaveProperty('errors')
  return user
}

/** Creates an account in the app, which signs in and shows the overview. */
export async function register(page: Page, user = newUser()): Promise<User> {
  await page.goto('/register')
  await page.getByLabel('Username').fill(user.username)
  await page.getByLabel('Email').fill(user.email)
  await page.getByLabel('Password').fill(user.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
  return user
}

/** Fills in and submits the open sign-in page. */
export async function signIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signs in without a browser; the attempt may fail. */
export async function signInElsewhere(
  request: APIRequestContext,
  { email, password }: Credentials,
): Promise<{ signOut(): Promise<void> }> {
  const post = async (query: string, variables: object) => {
    const answer = await request.post('/graphql', { data: { query, variables } })
    return (await answer.json()) as { data: { login: { refreshToken: string } } | null }
  }
  const { data } = await post('mutation ($input: LoginInput!) { login(input: $input) { refreshToken } }', {
    input: { email, password, deviceName: 'Elsewhere' },
  })
  return {
    async signOut() {
      await post('mutation ($token: String) { logout(refreshToken: $token) }', { token: data?.login.refreshToken })
    },
  }
}
