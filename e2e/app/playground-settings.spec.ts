import { rmSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { StrictClient } from '../../server/src/db/connections/strict-client.ts'
import { joinEmbeddedPostgres } from '../../server/src/db/embedded/embedded-postgres.ts'
import { newDataDir } from '../../server/test/support/processes/data-dir.ts'
import { startServerProcess } from '../../server/test/support/processes/server-process.ts'
import {
  bar,
  documentation,
  openPlayground,
  openTab,
  operation,
  result,
  run,
  write,
} from '../support/playground-page.ts'
import { test as base, expect } from '../support/test.ts'

interface OwnServer {
  settings: Record<string, string>
  dataDir: string
  origin: string
}

/** Tests with a server that no other test uses, with these settings. */
const test = base.extend<OwnServer>({
  settings: [{}, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  dataDir: async ({}, use) => {
    const dataDir = await newDataDir('playground')
    await use(dataDir)
    rmSync(dataDir, { recursive: true, force: true })
  },
  origin: [
    async ({ dataDir, settings }, use) => {
      const server = startServerProcess({ DATA_DIR: dataDir, ...settings })
      await use(await server.ready)
      await server.end('SIGTERM')
    },
    // The start does not count towards the time of the test.
    { timeout: 180_000 },
  ],
  baseURL: ({ origin }, use) => use(origin),
})

/** Opens the playground and signs in as the demo user. */
async function enter(page: Page): Promise<string> {
  const demoUser = await openPlayground(page)
  await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
  await expect(bar(page)).toContainText(`Signed in as ${demoUser}`)
  return demoUser
}

test.describe('a server that publishes its schema, but refuses introspection', () => {
  test.use({ settings: { INTROSPECTION: 'false', PUBLISH_SCHEMA: 'true' } })

  test('has documentation, with directives, and completion', async ({ page, traffic }) => {
    const demoUser = await enter(page)
    await run(page)
    await expect(result(page)).toContainText(demoUser)
    await documentation(page, 'Query', 'users')
    await expect(page.getByText('All users, by username. Admins only.').first()).toBeVisible()
    await expect(page.locator('.graphiql-plugin')).toContainText('@auth')
    await write(page, 'Operation Editor', 'query { serv')
    await expect(async () => {
      await page.keyboard.press('Control+Space')
      await expect(page.locator('.suggest-widget')).toContainText('serverTime', { timeout: 1_000 })
    }).toPass()
    expect(traffic.count('IntrospectionQuery')).toBe(0)
    await expect(page.getByRole('button', { name: 'Re-fetch GraphQL schema' })).toBeHidden()
    await expect(bar(page)).not.toContainText('does not publish its schema')
  })

  test('follows a schema that changes when the window gets the focus', async ({ page }) => {
    await openPlayground(page)
    await documentation(page, 'Query', 'serverTime')
    await page.route('**/schema.graphql', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('  serverTime:', '  clockTime:') })
    })
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await documentation(page, 'Query', 'clockTime')
  })
})

test.describe('a server that publishes no schema and refuses introspection', () => {
  const expectedErrors = /status of 400/
  test.use({ settings: { INTROSPECTION: 'false', PUBLISH_SCHEMA: 'false' }, expectedErrors })

  test('runs operations, and the bar says which setting publishes the schema', async ({ page }) => {
    const demoUser = await enter(page)
    const words = 'The server does not publish its schema'
    await expect(bar(page)).toContainText(`${words}, so there is no documentation and no completion.`)
    await expect(bar(page)).toContainText('PUBLISH_SCHEMA=true publishes it.')
    await run(page)
    await expect(result(page)).toContainText(demoUser)
    await openTab(page, 'sessions')
    await run(page)
    await expect(result(page)).toContainText('"current": true')
    await expect(operation(page)).toContainText('query sessions')
    await expect(bar(page)).toContainText(words)
  })
})

test.describe('a demo user who no longer exists', () => {
  test.use({ expectedErrors: /status of 404/ })

  test('is explained in the words of the server', async ({ page, dataDir }) => {
    const demoUser = await openPlayground(page)
    const database = await joinEmbeddedPostgres(dataDir)
    const client = new StrictClient({ connectionString: database.url })
    await client.connect()
    try {
      expect((await client.query('DELETE FROM users WHERE email = $1', [demoUser])).rowCount).toBe(1)
    } finally {
      await client.end()
      await database.stop()
    }
    await bar(page).getByRole('button', { name: 'Sign in as demo' }).click()
    await expect(bar(page).getByRole('alert')).toHaveText(
      `The demo user ${demoUser} no longer exists. Restart the server to create it again, or sign in with another account.`,
    )
    await expect(bar(page)).toContainText('Not signed in')
  })
})
