import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, expectThreeExpiries, pageWith, SHELLS, test } from '../support/cross-origin-test.ts'

test('C11: in a shell that serves its pages from https://localhost, the body transport lasts three expiries', async ({
  context,
  openApp,
  script,
  apiPort,
  user,
  consoleMessages,
}) => {
  // As in Capacitor on Android, no server serves the page, so Chromium asks before it connects to this machine.
  await context.grantPermissions(['local-network-access'])
  await context.route('https://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: pageWith(script) }),
  )
  const url = `http://127.0.0.1:${apiPort}/graphql`
  const page = await openApp('https://localhost/', { url, tokenTransport: 'BODY' })
  await page.evaluate((who) => window.app.signIn(who, 'apollo'), user)
  await expectThreeExpiries(page, apiPort, user)
  expect(consoleMessages).toEqual([])
})

/** Every page whose origin is `null`, and that Chromium can show without a shell. */
const NULL_ORIGINS = ['a local file', 'a data: URL', 'a sandboxed frame'] as const

for (const kind of NULL_ORIGINS) {
  test(`S17: refuses the origin null, which any page can have: ${kind}`, async ({
    context,
    page,
    script,
    apiPort,
    pagePort,
    user,
    consoleMessages,
  }, info) => {
    await context.grantPermissions(['local-network-access'])
    const body = pageWith(script)
    const file = info.outputPath('page.html')
    await writeFile(file, body)
    if (kind === 'a local file') await page.goto(pathToFileURL(file).href)
    if (kind === 'a data: URL') await page.goto(`data:text/html;base64,${Buffer.from(body).toString('base64')}`)
    if (kind === 'a sandboxed frame') {
      await page.goto(`http://127.0.0.1:${pagePort}`)
      await page.evaluate(() => {
        document.body.innerHTML = '<iframe sandbox="allow-scripts" src="/frame"></iframe>'
      })
    }
    await expect.poll(() => page.frames().length).toBe(kind === 'a sandboxed frame' ? 2 : 1)
    const frame = page.frames().at(-1) ?? page.mainFrame()
    await frame.waitForFunction(() => 'startApp' in window)
    expect(await frame.evaluate(() => globalThis.origin)).toBe('null')
    const url = `http://127.0.0.1:${apiPort}/graphql`
    await frame.evaluate((url) => window.startApp({ url, tokenTransport: 'BODY' }), url)
    const failure = frame.evaluate((who) => window.app.signIn(who, 'fetch'), user)
    await expect(failure).rejects.toThrow('Failed to fetch')
    expect(consoleMessages).toContainEqual(
      expect.stringMatching(/^Access to fetch at '.*' from origin 'null' has been blocked by CORS policy/),
    )
  })
}

test('S17: accepts requests from the origins of shells that are listed', async ({ apiPort, request }) => {
  const url = `http://127.0.0.1:${apiPort}/graphql`
  for (const origin of [...SHELLS, 'null', 'file://', 'capacitor://other']) {
    const answer = await request.fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    expect(answer.headers()['access-control-allow-origin']).toBe(SHELLS.includes(origin) ? origin : undefined)
  }
})

test('a page that may not use the local network is told so by the console', async ({
  browser,
  context,
  openApp,
  script,
  apiPort,
  user,
  consoleMessages,
}) => {
  test.skip(Number.parseInt(browser.version(), 10) < 142, 'Chromium asks since version 142.')
  await context.route('https://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: pageWith(script) }),
  )
  const url = `http://127.0.0.1:${apiPort}/graphql`
  const page = await openApp('https://localhost/', { url, tokenTransport: 'BODY' })
  const failure = page.evaluate((who) => window.app.signIn(who, 'fetch'), user)
  await expect(failure).rejects.toThrow('Failed to fetch')
  const message = 'Permission was denied for this request to access the `loopback` address space'
  expect(consoleMessages.join('\n')).toContain(message)
  expect(readFileSync(join(import.meta.dirname, '../../docs/cross-origin.md'), 'utf8')).toContain(message)
})
