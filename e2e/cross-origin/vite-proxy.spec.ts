import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ViteDevServer } from 'vite'
import { expect, expectThreeExpiries, pageWith, test } from '../support/cross-origin-test.ts'

const ROOT = join(import.meta.dirname, '../../examples/vue-apollo')

test('C13: through the proxy of examples/vue-apollo, queries and a subscription last three expiries', async ({
  openApp,
  script,
  apiPort,
  user,
  consoleMessages,
}) => {
  process.env.API_URL = `http://localhost:${apiPort}`
  const cacheDir = await mkdtemp(join(tmpdir(), 'silent-refresh-vite-'))
  const configFile = join(ROOT, 'vite.config.ts')
  // A page of the same origin, because the example itself has no subscription.
  const page = {
    name: 'page',
    configureServer({ middlewares }: ViteDevServer) {
      middlewares.use(
        '/other',
        (_, response) => void response.setHeader('content-type', 'text/html').end(pageWith(script)),
      )
    },
  }
  const vite = await createServer({ configFile, cacheDir, plugins: [page], logLevel: 'error', server: { port: 0 } })
  try {
    await vite.listen()
    const origin = new URL(vite.resolvedUrls?.local[0] ?? '').origin
    const tab = await openApp(`${origin}/other`, { url: `${origin}/graphql` })
    await tab.evaluate((who) => window.app.signIn(who, 'apollo'), user)
    await expectThreeExpiries(tab, apiPort, user)
    expect(consoleMessages).toEqual([])
  } finally {
    await vite.close()
    await rm(cacheDir, { recursive: true })
  }
})
