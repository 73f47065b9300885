import { expect, type Page } from '@playwright/test'

export const tab = (page: Page, name: string) => page.getByRole('tablist').getByRole('button', { name, exact: true })
export const operation = (page: Page) => page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines')
export const result = (page: Page) => page.locator('.result-window .view-lines')
export const bar = (page: Page) => page.getByRole('banner')
export const run = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click()

/** Opens the playground and waits for its editor. @returns the email address of the demo user. */
export async function openPlayground(page: Page): Promise<string> {
  const { demoUser } = await (await page.request.get('/playground.json')).json()
  await page.goto('/graphql')
  // A tab that is selected before the editor has loaded keeps the text of the previous tab.
  await expect(operation(page)).toContainText('query me', { timeout: 30_000 })
  return demoUser
}

/** Opens an example. */
export async function openTab(page: Page, name: string): Promise<void> {
  await tab(page, name).click()
  await expect(operation(page)).toContainText(new RegExp(`(query|mutation|subscription)\\s${name}`))
}

/** Opens the documentation of a field of `Query` or `Mutation`. */
export async function documentation(page: Page, type: 'Query' | 'Mutation', field: string): Promise<void> {
  const show = page.getByRole('button', { name: 'Show Documentation Explorer' })
  if (await show.isVisible()) await show.click()
  const back = page.locator('.graphiql-doc-explorer-back')
  while (await back.isVisible()) await back.click()
  await page.getByRole('link', { name: type, exact: true }).click()
  await page.getByRole('link', { name: field, exact: true }).first().click()
}

/** Signs in with the form of the bar. */
export async function signInWithForm(page: Page, user: { email: string; password: string }): Promise<void> {
  await bar(page).getByRole('button', { name: 'Sign in', exact: true }).click()
  await bar(page).getByLabel('Email').fill(user.email)
  await bar(page).getByLabel('Password').fill(user.password)
  await bar(page).getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Replaces the text of an editor. */
export async function write(
  page: Page,
  editor: 'Operation Editor' | 'Variables' | 'Headers',
  text: string,
): Promise<void> {
  await page.getByRole('region', { name: editor }).locator('.graphiql-editor:not(.hidden) .view-lines').first().click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(text)
  // Remove the quotes and braces that the editor added automatically.
  await page.keyboard.press('ControlOrMeta+Shift+End')
  await page.keyboard.press('Delete')
}

export async function writeHeaders(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Headers', exact: true }).click()
  await write(page, 'Headers', text)
}
