import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'vite'
import { expectThreeExpiries, expect, test } from '../support/cross-origin-test.ts'

const ROOT = join(import.meta.dirname, '../../examples/vue-apollo')

test('C13: through the proxy of examples/vue-apollo, queries and a subscription last three expiries', async ({
  page,
  script,
  apiPort,
  user,
  consoleMessages,
}) => {
  process.env.API_URL = `http://localhost:${apiPort}`
  const cacheDir = await mkdtemp(join(tmpdir(), 'silent-refresh-vite-'))
  const configFile = join(ROOT, 'vite.config.ts')
  const vite = await createServer({ configFile, cacheDir, logLevel: 'error', server: { port: 0 } })
  try {
    await vite.listen()
    const origin = new URL(vite.resolvedUrls?.local[0] ?? '').origin
    // An empty page in place of the example's, which has no subscription.
    const body = '<!doctype html><link rel="icon" href="data:,">'
    await page.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto(origin)
    await page.addScriptTag({ content: script, type: 'module' })
    await page.evaluate((url) => window.startApp({ url }), `${origin}/graphql`)
    await page.evaluate((who) => window.app.signIn(who, 'apollo'), user)
    await expectThreeExpiries(page, apiPort, user)
    expect(consoleMessages).toEqual([])
  } finally {
    await vite.close()
    await rm(cacheDir, { recursive: true })
  }
})
