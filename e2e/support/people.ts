import { randomUUID } from 'node:crypto'
import { expect, type Page } from '@playwright/test'

export interface Person {
  username: string
  email: string
  password: string
}

/** Somebody whom no other test knows. */
export function newPerson(): Person {
  const id = randomUUID().slice(0, 8)
  return { username: `Ada ${id}`, email: `ada-${id}@example.com`, password: `correct horse ${id}` }
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
export async function signIn(page: Page, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
