import {
  bar,
  documentation,
  openPlayground,
  openTab,
  result,
  run,
  signInWithForm,
  tab,
  write,
} from '../support/playground-page.ts'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { createUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

const EXAMPLES =
  'me sessions renameSession securityEvents securityEvent changePassword revokeSession revokeOtherSessions login register refreshToken logout serverTime users setUserRole revokeUserSessions'

test('one click signs in as the demo user, and `me` works at once', async ({ page, baseURL }) => {
  const outside: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (/^https?:$/.test(protocol) && origin !== baseURL) outside.push(request.url())
  })
  const demoUser = await openPlayground(page)
  await expect(bar(page)).toContainText('Not signed in')
  await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
  await expect(bar(page)).toContainText(`Signed in as ${demoUser}`)
  await expect(bar(page)).toContainText(/token (renews within|expires in) \d+\ss/)
  await run(page)
  await expect(result(page)).toContainText(demoUser)
  expect(outside).toEqual([])
})

test('there is an example for each field of the API, and they run without a copied id', async ({ page }) => {
  await openPlayground(page)
  for (const name of EXAMPLES.split(' ')) await expect(tab(page, name)).toBeAttached()
  await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
  await expect(bar(page)).toContainText('Signed in as')
  for (const [name, expected] of [
    ['sessions', '"current": true'],
    ['renameSession', 'My playground'],
    ['securityEvents', 'SIGNED_IN'],
    ['refreshToken', 'accessTokenExpiresIn'],
    ['serverTime', '"serverTime"'],
    ['users', 'ADMIN'],
  ] as const) {
    await openTab(page, name)
    await run(page)
    await expect(result(page)).toContainText(expected)
  }
  await expect(bar(page)).toContainText('Signed in as')
})

test('nothing that is typed is stored in the browser; the history lasts as long as the page', async ({
  page,
  request,
}) => {
  const user = await createUser(request)
  await openPlayground(page)
  await signInWithForm(page, user)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await openTab(page, 'login')
  await write(page, 'Variables', JSON.stringify({ input: { email: user.email, password: user.password } }))
  await run(page)
  await expect(result(page)).toContainText('accessToken')
  await page.getByRole('button', { name: 'Show History' }).click()
  await expect(page.getByRole('region', { name: 'History' })).toContainText('login')
  const stored = await page.evaluate(async () => {
    const databases = await indexedDB.databases()
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases.map(({ name }) => name)])
  })
  expect(stored).not.toContain(user.password)
  expect(stored).not.toContain('mutation login')
})

test('shows the documentation, and offers the schema for download', async ({ page }) => {
  await openPlayground(page)
  await documentation(page, 'Mutation', 'refreshToken')
  await expect(page.getByText('Exchanges a refresh token for the next one').first()).toBeVisible()
  const link = bar(page).getByRole('link', { name: 'Download schema' })
  await expect(link).toHaveAttribute('href', '/schema.graphql')
  await expect(link).toHaveAttribute('download', 'schema.graphql')
})

test('offers neither a demo user nor the schema when the server has none', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await page.route('**/playground.json', (route) =>
    route.fulfill({ json: { demoUser: null, schemaUrl: null, cookieName: 'refresh-token' } }),
  )
  await page.reload()
  await signInWithForm(page, user)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await bar(page).getByRole('button', { name: 'Sign out' }).click()
  await expect(bar(page)).toContainText('You signed out. Not signed in.')
  await expect(bar(page).getByRole('button', { name: 'Sign in as demo' })).toBeHidden()
  await expect(bar(page).getByRole('link', { name: 'Download schema' })).toBeHidden()
  // It is read from the API instead.
  await documentation(page, 'Mutation', 'refreshToken')
  await expect(page.getByText('Exchanges a refresh token for the next one').first()).toBeVisible()
})

test('asks the API for the schema when the published one cannot be read', async ({ page }) => {
  await page.route('**/schema.graphql', (route) => route.fulfill({ body: 'Not a schema.' }))
  await openPlayground(page)
  await documentation(page, 'Mutation', 'refreshToken')
  await expect(page.getByText('Exchanges a refresh token for the next one').first()).toBeVisible()
})
