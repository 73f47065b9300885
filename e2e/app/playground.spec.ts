import type { Page } from '@playwright/test'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { createUser, signInElsewhere } from '../support/users.ts'

test.use(DEFAULT_TTL)

const tab = (page: Page, name: string) => page.getByRole('tablist').getByRole('button', { name, exact: true })

/** Replaces the text of an editor. */
async function write(page: Page, editor: 'Variables' | 'Headers', text: string): Promise<void> {
  await page.getByRole('region', { name: editor }).locator('.graphiql-editor:not(.hidden) .view-lines').click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(text)
  // Remove the quotes and braces that the editor added automatically.
  await page.keyboard.press('ControlOrMeta+Shift+End')
  await page.keyboard.press('Delete')
}

const operation = (page: Page) => page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines')
const response = (page: Page) => page.locator('.result-window .view-lines')
const run = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click()

test('the playground runs `login`, `me` and `securityEvent`, and sends no request to other origins', async ({
  page,
  request,
  baseURL,
}) => {
  const user = await createUser(request)
  const outside: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (/^https?:$/.test(protocol) && origin !== baseURL) outside.push(request.url())
  })
  await page.goto('/graphql')
  for (const name of ['register', 'login', 'me', 'refreshToken', 'securityEvent']) {
    await expect(tab(page, name)).toBeVisible({ timeout: 20_000 })
  }

  // A tab that is selected before the editor has loaded keeps the text of the previous tab.
  await expect(operation(page)).toContainText('mutation register', { timeout: 20_000 })
  await tab(page, 'login').click()
  await expect(operation(page)).toContainText('mutation login')
  await write(page, 'Variables', JSON.stringify({ input: { email: user.email, password: user.password } }))
  const login = page.waitForResponse((one) => one.request().postData()?.includes('mutation login') ?? false)
  await run(page)
  const { data } = await (await login).json()
  await expect(response(page)).toContainText('accessTokenExpiresIn')

  await tab(page, 'me').click()
  await expect(operation(page)).toContainText('query me')
  await page.getByRole('button', { name: 'Headers' }).click()
  const headers = JSON.stringify({ Authorization: `Bearer ${data.login.accessToken}` })
  await write(page, 'Headers', headers)
  await run(page)
  await expect(response(page)).toContainText(user.email)

  // A subscription uses the same header and runs until it is stopped.
  await tab(page, 'securityEvent').click()
  await expect(operation(page)).toContainText('subscription securityEvent')
  await write(page, 'Headers', headers)
  await run(page)
  await expect(async () => {
    await signInElsewhere(request, user)
    await expect(response(page)).toContainText('SIGNED_IN', { timeout: 1_000 })
  }).toPass()
  await page.getByRole('button', { name: 'Stop query' }).click()

  // The documentation is available, and nothing that was typed is stored in the browser.
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByRole('link', { name: 'Mutation' }).click()
  await page.getByRole('link', { name: 'refreshToken', exact: true }).first().click()
  await expect(page.getByText('Exchanges a refresh token for the next one').first()).toBeVisible()
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(user.password)
  expect(outside).toEqual([])
})
