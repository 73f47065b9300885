import type { Page } from '@playwright/test'
import { join, signInElsewhere } from '../support/people.ts'
import { CALM, expect, test } from '../support/test.ts'

test.use(CALM)

const tab = (page: Page, name: string) => page.getByRole('tablist').getByRole('button', { name, exact: true })

/** Puts text into one of the editors, in place of what is there. */
async function write(page: Page, editor: 'Variables' | 'Headers', text: string): Promise<void> {
  await page.getByRole('region', { name: editor }).locator('.graphiql-editor:not(.hidden) .view-lines').click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(text)
  // The editor has closed quotes and braces by itself, behind what was typed.
  await page.keyboard.press('ControlOrMeta+Shift+End')
  await page.keyboard.press('Delete')
}

const operation = (page: Page) => page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines')
const answer = (page: Page) => page.locator('.result-window .view-lines')
const run = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click()

test('the playground signs in by `login`, runs `me` with the token in a header, and asks nobody outside', async ({
  page,
  request,
  baseURL,
}) => {
  const person = await join(request)
  const outside: string[] = []
  page.on('request', (asked) => {
    const { protocol, origin } = new URL(asked.url())
    if (/^https?:$/.test(protocol) && origin !== baseURL) outside.push(asked.url())
  })
  await page.goto('/graphql')
  for (const name of ['register', 'login', 'me', 'refreshToken', 'securityEvent']) {
    await expect(tab(page, name)).toBeVisible({ timeout: 20_000 })
  }

  // A tab that is chosen before the editor is there keeps the text of the one before.
  await expect(operation(page)).toContainText('mutation register', { timeout: 20_000 })
  await tab(page, 'login').click()
  await expect(operation(page)).toContainText('mutation login')
  await write(page, 'Variables', JSON.stringify({ input: { email: person.email, password: person.password } }))
  const login = page.waitForResponse((response) => response.request().postData()?.includes('mutation login') ?? false)
  await run(page)
  const { data } = await (await login).json()
  await expect(answer(page)).toContainText('accessTokenExpiresIn')

  await tab(page, 'me').click()
  await expect(operation(page)).toContainText('query me')
  await page.getByRole('button', { name: 'Headers' }).click()
  const headers = JSON.stringify({ Authorization: `Bearer ${data.login.accessToken}` })
  await write(page, 'Headers', headers)
  await run(page)
  await expect(answer(page)).toContainText(person.email)

  // A subscription takes the same header, and runs until it is stopped.
  await tab(page, 'securityEvent').click()
  await expect(operation(page)).toContainText('subscription securityEvent')
  await write(page, 'Headers', headers)
  await run(page)
  await expect(async () => {
    await signInElsewhere(request, person)
    await expect(answer(page)).toContainText('SIGNED_IN', { timeout: 1_000 })
  }).toPass()
  await page.getByRole('button', { name: 'Stop query' }).click()

  // The schema in words, and nothing of what was typed in the browser's storage.
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByRole('link', { name: 'Mutation' }).click()
  await page.getByRole('link', { name: 'refreshToken', exact: true }).first().click()
  await expect(page.getByText('Exchanges a refresh token for the next one').first()).toBeVisible()
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(person.password)
  expect(outside).toEqual([])
})
