import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Page, Request } from '@playwright/test'
import { build, preview } from 'vite'
import { Gateway } from '../support/gateway.ts'
import { expect, test } from '../support/test.ts'
import { createUser, signIn, signInElsewhere } from '../support/users.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLIENTS = join(ROOT, 'examples/clients')

/** Builds and serves an example with its own Vite settings, with the API behind the same origin. */
async function serve(name: string, api: string): Promise<{ url: string; close(): Promise<void> }> {
  const configFile = join(CLIENTS, name, 'vite.config.ts')
  const outDir = mkdtempSync(join(tmpdir(), 'silent-refresh-client-'))
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  const proxy = { '/graphql': { target: api, ws: true } }
  const site = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { port: 0, proxy } })
  return {
    url: site.resolvedUrls?.local[0] ?? '',
    async close() {
      await site.close()
      rmSync(outDir, { recursive: true })
    },
  }
}

/** How many responses the page has counted. */
async function answersOn(page: Page): Promise<number> {
  return Number.parseInt((await page.getByText(/^\d+ responses$/).textContent()) ?? '', 10)
}

/** Refuses an access token once, as if it had expired under way. Resolves when that has happened. */
async function refuseOnce(page: Page): Promise<void> {
  const errors = [{ message: 'Expired', extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } }]
  const tokenOf = (sent: Request) => sent.headers().authorization
  // Only a token that was accepted before: a replay has a new one, and its refusal would be the second for its operation.
  const accepted = new Set<string | undefined>()
  let isRefused = false
  page.on('response', (response) => response.ok() && accepted.add(tokenOf(response.request())))
  const refused = page.waitForResponse((response) => response.status() === 401)
  await page.route('**/graphql', async (route) => {
    const token = tokenOf(route.request())
    if (isRefused || !token || !accepted.has(token)) return route.fallback()
    isRefused = true
    await route.fulfill({ status: 401, json: { errors } })
  })
  await refused
}

/** Records what the heading says from now on. */
async function watchHeading(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const texts: string[] = []
    const look = () => texts.push(document.querySelector('h1')?.textContent ?? '')
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
    return texts
  })
  return () => seen.jsonValue()
}

for (const name of ['apollo-3', 'apollo-4', 'urql', 'villus']) {
  test(`C4, C7, C8: examples/clients/${name} keeps working across two token expirations, for one user at a time`, async ({
    baseURL,
    page,
    request,
    traffic,
  }) => {
    const [user, next] = [await createUser(request), await createUser(request)]
    const site = await serve(name, `${baseURL}`)
    try {
      await page.goto(site.url)
      await signIn(page, user)
      await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
      await expect.poll(() => traffic.count('SilentRefresh'), { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
      await refuseOnce(page)
      const answers = await answersOn(page)
      await expect.poll(() => answersOn(page)).toBeGreaterThan(answers)
      if (name === 'urql') {
        // With such short tokens, an event may fall between two connections: a subscription delivers only new ones (S17).
        await expect(async () => {
          await signInElsewhere(request, user)
          await expect(page.getByRole('status')).toHaveText('SIGNED_IN', { timeout: 1_000 })
        }).toPass()
      }
      await expect(page.getByRole('alert')).toHaveCount(0)

      await page.getByRole('button', { name: 'Sign out' }).click()
      const headings = await watchHeading(page)
      await signIn(page, next)
      await expect(page.getByRole('heading')).toHaveText(`Hello, ${next.username}`)
      expect(await headings()).not.toContain(`Hello, ${user.username}`)
      await expect(page.getByRole('alert')).toHaveCount(0)
    } finally {
      await page.close() // It polls.
      await site.close()
    }
  })
}

for (const name of ['graphql-request', 'fetch']) {
  test(`C4, C7: examples/clients/${name} keeps working across two token expirations`, async ({ baseURL, request }) => {
    const { email, password, username } = await createUser(request)
    const gateway = new Gateway(`${baseURL}`)
    try {
      const env = { ...process.env, API_URL: `${await gateway.listen()}/graphql`, EMAIL: email, PASSWORD: password }
      const args = ['--import', 'tsx', `${name}/main.ts`]
      const program = spawn(process.execPath, args, { cwd: CLIENTS, env, stdio: ['ignore', 'pipe', 'inherit'] })
      // The first token is refused under way, the others expire.
      program.stdout.once('data', () => gateway.expire())
      const output = await text(program.stdout)
      expect(output).toMatch(new RegExp(`^Hello, ${username}\n\\d+ responses, \\d+ refreshes\n$`))
      expect(gateway.refreshes).toBeGreaterThanOrEqual(3)
    } finally {
      await gateway.close()
    }
  })
}

test('docs/clients.md contains the code of the examples', () => {
  const guide = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8')
  const shown = [...guide.matchAll(/^<!-- (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm)].map(([, file = '', code]) => ({
    file,
    code,
  }))
  expect(shown.map(({ file }) => file)).toEqual([
    'operations.graphql',
    'codegen.ts',
    'apollo-3/main.ts',
    'apollo-4/use-query.ts',
    'graphql-request/main.ts',
    'urql/main.ts',
    'villus/main.ts',
    'fetch/main.ts',
  ])
  for (const { file, code } of shown) expect(code, file).toBe(readFileSync(join(CLIENTS, file), 'utf8'))
})
