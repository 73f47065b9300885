import type { APIRequestContext } from '@playwright/test'
import {
  bar,
  openPlayground,
  openTab,
  result,
  run,
  signInWithForm,
  write,
  writeHeaders,
} from '../support/playground-page.ts'
import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { type Credentials, createUser, openAs, openAsNewUser } from '../support/users.ts'

/** Signs in without a browser. */
async function tokensOf(request: APIRequestContext, { email, password }: Credentials) {
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken session { id } } }'
  const answer = await request.post('/graphql', { data: { query, variables: { input: { email, password } } } })
  const { data } = await answer.json()
  return data.login as { accessToken: string; refreshToken: string; session: { id: string } }
}

test('C12: account centre and playground sign each other in and out', async ({ context, page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  const account = await context.newPage()
  await account.goto('/sign-in')
  await signInWithForm(page, user)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await account.bringToFront()
  await expect(account.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${user.username}`)
  await account.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(bar(page)).toContainText('You signed out in another tab. Not signed in.')

  await account.getByLabel('Email').fill(user.email)
  await account.getByLabel('Password').fill(user.password)
  await account.getByRole('button', { name: 'Sign in' }).click()
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await page.bringToFront()
  await bar(page).getByRole('button', { name: 'Sign out' }).click()
  await expect(bar(page)).toContainText('You signed out. Not signed in.')
  await expect(account.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('C11: the session is still there after a reload, and the bar never says otherwise', async ({ page }) => {
  const user = await openAsNewUser(page, null)
  await page.addInitScript(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    const watch = () => seen.push(document.getElementById('bar')?.textContent ?? '')
    addEventListener('DOMContentLoaded', () =>
      new MutationObserver(watch).observe(document.body, { subtree: true, childList: true, characterData: true }),
    )
  })
  await openPlayground(page)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen.join('\n'))
  expect(seen).toContain('Signed in')
  expect(seen).not.toContain('Not signed in')
})

test('`login` in the editor signs the page in, also with aliases and fragments', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await openTab(page, 'login')
  const query = `mutation login($email: EmailAddress!, $password: String!) { ...Enter }
fragment Enter on Mutation {
  entered: login(input: { email: $email, password: $password, tokenTransport: COOKIE }) { ...Tokens who: user { key: id } }
}
fragment Tokens on AuthPayload { token: accessToken seconds: accessTokenExpiresIn }`
  await write(page, 'Operation Editor', query)
  await write(page, 'Variables', JSON.stringify({ email: user.email, password: user.password }))
  await run(page)
  await expect(result(page)).toContainText('"entered"')
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await openTab(page, 'me')
  await run(page)
  await expect(result(page)).toContainText(user.email)
})

test('`login` with BODY and a selected refresh token works past the expiry', async ({ page, request, traffic }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await openTab(page, 'login')
  await write(
    page,
    'Operation Editor',
    'mutation login($input: LoginInput!) { login(input: $input) { accessToken accessTokenExpiresIn refreshToken user { id } } }',
  )
  await write(page, 'Variables', JSON.stringify({ input: { email: user.email, password: user.password } }))
  await run(page)
  await expect(result(page)).toContainText('refreshToken')
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await expect(bar(page)).toContainText('This browser now keeps the refresh token where scripts can read it.')
  await openTab(page, 'me')
  await expect(async () => {
    await run(page)
    expect((await traffic.generations()).length).toBeGreaterThanOrEqual(2)
  }).toPass()
  await expect(result(page)).toContainText(user.email)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
})

test('`login` without what the session needs works, and the bar says what to ask for', async ({ page, request }) => {
  const user = await createUser(request)
  await openPlayground(page)
  await openTab(page, 'login')
  await write(page, 'Variables', JSON.stringify({ input: { email: user.email, password: user.password } }))
  await run(page)
  await expect(result(page)).toContainText('accessTokenExpiresIn')
  await expect(bar(page)).toContainText('set tokenTransport: COOKIE or select refreshToken')
  await write(page, 'Operation Editor', 'mutation login($input: LoginInput!) { login(input: $input) { refreshToken } }')
  await run(page)
  await expect(result(page)).toContainText('"refreshToken"')
  await expect(bar(page)).toContainText('To use its session here, select accessToken accessTokenExpiresIn user { id }.')
  await expect(bar(page)).toContainText('Not signed in')
})

test('`logout` in the editor signs the page out, but not when it ends another session', async ({ page, request }) => {
  const user = await openAsNewUser(page, null)
  const elsewhere = await tokensOf(request, user)
  await openPlayground(page)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await openTab(page, 'logout')
  await write(page, 'Operation Editor', 'mutation logout($token: String) { left: logout(refreshToken: $token) }')
  await write(page, 'Variables', JSON.stringify({ token: elsewhere.refreshToken }))
  await run(page)
  await expect(result(page)).toContainText('"left": true')
  await openTab(page, 'sessions')
  await run(page)
  await expect(result(page)).toContainText('"current": true')
  await expect(result(page)).not.toContainText(elsewhere.session.id)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)

  await openTab(page, 'logout')
  await write(page, 'Variables', '{}')
  await run(page)
  await expect(result(page)).toContainText('"left": true')
  await expect(bar(page)).toContainText('You signed out. Not signed in.')
})

test('an Authorization header that the server refuses is not refreshed', async ({ page, traffic }) => {
  const user = await openAsNewUser(page, null)
  await openPlayground(page)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await writeHeaders(page, JSON.stringify({ aUtHorization: 'Bearer nonsense' }))
  await expect(bar(page)).toContainText('The Authorization header of this tab is used')
  traffic.clear()
  await run(page)
  await expect(result(page)).toContainText('TOKEN_INVALID')
  expect(traffic.responses).toEqual([{ operation: 'me', status: 401 }])
  expect(traffic.count('SilentRefresh')).toBe(0)

  await writeHeaders(page, '{ "Authorization": ')
  await run(page)
  await expect(result(page)).toContainText('Request headers are invalid JSON')
  await expect(bar(page)).not.toContainText('The Authorization header')

  await writeHeaders(page, '{}')
  await run(page)
  await expect(result(page)).toContainText(user.email)
  await expect(bar(page)).not.toContainText('The Authorization header')
})

test.describe('a valid Authorization header', () => {
  test.use(DEFAULT_TTL)

  test('takes the place of the session, and without it the session is used again', async ({ page, request }) => {
    const other = await createUser(request)
    const { accessToken } = await tokensOf(request, other)
    const user = await openAsNewUser(page, null)
    await openPlayground(page)
    await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
    await writeHeaders(page, JSON.stringify({ authorization: `Bearer ${accessToken}` }))
    await expect(bar(page)).toContainText('The Authorization header of this tab is used')
    await run(page)
    await expect(result(page)).toContainText(other.email)
    await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
    await writeHeaders(page, '{}')
    await run(page)
    await expect(result(page)).toContainText(user.email)
    await expect(bar(page)).not.toContainText('The Authorization header')
  })
})

test('the bar says why a session has ended', async ({ browser, page, baseURL }) => {
  const user = await openAsNewUser(page, null)
  await openPlayground(page)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  const other = await browser.newPage({ baseURL: baseURL ?? '' })
  await openAs(other, user)
  await other.goto('/devices')
  await other.getByRole('button', { name: 'Sign out other devices' }).click()
  await other.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await expect(async () => {
    await run(page)
    await expect(bar(page)).toContainText('The session was ended on another device', { timeout: 1_000 })
  }).toPass()
  await expect(bar(page)).toContainText('Not signed in.')
  await other.close()
})
