import { expect, expectThreeExpiries, test } from '../support/cross-origin-test.ts'

/** Hosts of pages and APIs that are one site: only the ports, or the first labels, differ. */
const SAME_SITE = [
  ['127.0.0.1', '127.0.0.1', 'fetch'],
  ['app.example.test', 'api.example.test', 'apollo'],
] as const

/** Two sites, for cookies. Under `localhost`, as under `com`, each name is a site of its own. */
const OTHER_SITE = [
  ['127.0.0.1', 'localhost'],
  ['app.localhost', 'api.localhost'],
] as const

for (const [pageHost, apiHost, by] of SAME_SITE) {
  test(`C17: the cookie lasts three expiries: ${pageHost} to ${apiHost}, signed in by ${by}`, async ({
    openApp,
    pagePort,
    apiPort,
    user,
    consoleMessages,
  }) => {
    const options = { url: `http://${apiHost}:${apiPort}/graphql`, credentials: 'include' } as const
    const page = await openApp(`http://${pageHost}:${pagePort}`, options)
    await page.evaluate(([who, by]) => window.app.signIn(who, by), [user, by] as const)
    await expectThreeExpiries(page, apiPort, user)
    await page.reload()
    await page.evaluate((given) => window.startApp(given), options)
    await page.evaluate(() => window.app.session.ready)
    await expectThreeExpiries(page, apiPort, user)
    expect(consoleMessages).toEqual([])
  })
}

for (const [pageHost, apiHost] of OTHER_SITE) {
  test(`C16: the cookie of another site is missed at once, with one warning: ${pageHost} to ${apiHost}`, async ({
    openApp,
    pagePort,
    apiPort,
    user,
    consoleMessages,
  }) => {
    const [origin, api] = [`http://${pageHost}:${pagePort}`, `http://${apiHost}:${apiPort}`]
    const page = await openApp(origin, { url: `${api}/graphql`, credentials: 'include' })
    for (const ended of [['REFRESH_TOKEN_MISSING'], ['REFRESH_TOKEN_MISSING', 'REFRESH_TOKEN_MISSING']]) {
      await page.evaluate((who) => window.app.signIn(who, 'fetch'), user)
      await expect.poll(() => page.evaluate(() => window.app.report())).toMatchObject({ state: 'signedOut', ended })
    }
    expect(consoleMessages).toEqual([
      expect.stringContaining(`\`tokenTransport: BODY\` is needed: ${origin} and ${api} are two sites.`),
    ])
  })

  test(`C11: the body transport lasts three expiries: ${pageHost} to ${apiHost}`, async ({
    openApp,
    pagePort,
    apiPort,
    user,
    consoleMessages,
  }) => {
    const url = `http://${apiHost}:${apiPort}/graphql`
    const page = await openApp(`http://${pageHost}:${pagePort}`, { url, tokenTransport: 'BODY' })
    await page.evaluate((who) => window.app.signIn(who, 'fetch'), user)
    await expectThreeExpiries(page, apiPort, user)
    expect(consoleMessages).toEqual([])
  })
}
