import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, expectThreeExpiries, test } from '../support/cross-origin-test.ts'

const HOST = '127.0.0.1'
const LOST = '[silent-refresh] The refresh cookie of this sign-in was not kept. Probably '

test('C16: with `credentials` forgotten, exactly one warning names the cause', async ({
  openApp,
  pagePort,
  apiPort,
  user,
  consoleMessages,
}) => {
  const [origin, api] = [`http://${HOST}:${pagePort}`, `http://${HOST}:${apiPort}`]
  const page = await openApp(origin, { url: `${api}/graphql` })
  for (const by of ['fetch', 'apollo', 'plain'] as const) {
    await page.evaluate(([who, by]) => window.app.signIn(who, by), [user, by] as const)
    await expect.poll(() => page.evaluate(() => window.app.report().state)).toBe('signedOut')
  }
  expect((await page.evaluate(() => window.app.report())).ended).toEqual(Array(3).fill('REFRESH_TOKEN_MISSING'))
  expect(consoleMessages).toEqual([
    `${LOST}graphqlTransport needs \`credentials: 'include'\`: ${origin} and ${api} are two origins. ` +
      'Usual causes: credentials, CORS, a cross-site cookie. See docs/cross-origin.md in @silent-refresh/client.',
  ])
})

test('C16: with `credentials` forgotten in the app’s own sign-in, one warning names the sign-in', async ({
  openApp,
  pagePort,
  apiPort,
  user,
  consoleMessages,
}) => {
  const url = `http://${HOST}:${apiPort}/graphql`
  const page = await openApp(`http://${HOST}:${pagePort}`, { url, credentials: 'include' })
  await page.evaluate((who) => window.app.signIn(who, 'plain'), user)
  await expect.poll(() => page.evaluate(() => window.app.report().ended)).toEqual(['REFRESH_TOKEN_MISSING'])
  expect(consoleMessages).toEqual([
    expect.stringContaining(`${LOST}the sign-in was sent without \`credentials: 'include'\`.`),
  ])
})

test('C16: a cookie that is deleted later ends the session with its reason, and without a warning', async ({
  context,
  openApp,
  pagePort,
  apiPort,
  user,
  consoleMessages,
}) => {
  const url = `http://${HOST}:${apiPort}/graphql`
  const page = await openApp(`http://${HOST}:${pagePort}`, { url, credentials: 'include' })
  await page.evaluate((who) => window.app.signIn(who, 'fetch'), user)
  await expectThreeExpiries(page, apiPort, user)
  await context.clearCookies()
  await expect.poll(() => page.evaluate(() => window.app.report().ended)).toEqual(['REFRESH_TOKEN_MISSING'])
  expect(consoleMessages).toEqual([])
})

test('a page whose origin is not in CORS_ORIGINS cannot sign in, and the console says why', async ({
  openApp,
  pagePort,
  apiPort,
  user,
  consoleMessages,
}) => {
  const url = `http://${HOST}:${apiPort}/graphql`
  const page = await openApp(`http://other.localhost:${pagePort}`, { url, credentials: 'include' })
  const failure = page.evaluate((who) => window.app.signIn(who, 'fetch'), user)
  await expect(failure).rejects.toThrow('Failed to fetch')
  await page.evaluate(() => window.app.useAll())
  const document = readFileSync(join(import.meta.dirname, '../../docs/cross-origin.md'), 'utf8')
  for (const message of [
    "blocked by CORS policy: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header",
    'Error during WebSocket handshake: Unexpected response code: 403',
  ]) {
    await expect.poll(() => consoleMessages.join('\n')).toContain(message)
    expect(document).toContain(message)
  }
  expect(consoleMessages[0]).toContain(`from origin 'http://other.localhost:${pagePort}'`)
})
