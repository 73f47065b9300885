import { randomUUID } from 'node:crypto'
import { type APIRequestContext, expect, type Page } from '@playwright/test'

export interface Person {
  username: string
  email: string
  password: string
}

export type Credentials = Pick<Person, 'email' | 'password'>

/** Somebody whom no other test knows. */
export function newPerson(): Person {
  const id = randomUUID().slice(0, 8)
  return { username: `Ada ${id}`, email: `ada-${id}@example.com`, password: `correct horse ${id}` }
}

/**
 * Signs somebody up and in without the forms, for tests of what comes after; then opens the page at `path`, if there is
 * one. The browser is left as the app leaves it after a sign-in: with a cookie, and a record of who is signed in.
 */
export async function arrive(page: Page, path: string | null = '/', person = newPerson()): Promise<Person> {
  await enter(page, 'register', person)
  if (path) await page.goto(path)
  return person
}

/** The same for somebody who has an account, on another device. */
export async function arriveAgain(
  page: Page,
  { email, password }: Credentials,
  path: string | null = '/',
): Promise<void> {
  await enter(page, 'login', { email, password })
  if (path) await page.goto(path)
}

async function enter(page: Page, field: 'register' | 'login', input: object): Promise<void> {
  // An empty page of our origin.
  const body = '<!doctype html><link rel="icon" href="data:,">'
  await page.route('**/arriving', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto('/arriving')
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
      await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, 1)
        opening.onupgradeneeded = () => opening.result.createObjectStore('sessions')
        opening.onerror = reject
        opening.onsuccess = () => {
          const writing = opening.result.transaction('sessions', 'readwrite')
          writing.objectStore('sessions').put({ version: 1, epoch: 1, userId: data[field].user.id }, name)
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

/** Makes an account without any browser. */
export async function join(request: APIRequestContext, person = newPerson()): Promise<Person> {
  const query = 'mutation Join($input: RegisterInput!) { register(input: $input) { user { id } } }'
  const answer = await request.post('/graphql', { data: { query, variables: { input: person } } })
  expect(await answer.json()).not.toHaveProperty('errors')
  return person
}

/** Creates an account in the app, which signs in; ends on the overview. */
export async function register(page: Page, person = newPerson()): Promise<Person> {
  await page.goto('/register')
  await page.getByLabel('Username').fill(person.username)
  await page.getByLabel('Email').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${person.username}`)
  return person
}

/** Fills the sign-in page that is open, and sends it. */
export async function signIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signs in, or tries to, from a program that is no browser. */
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
