import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, preview } from 'vite'
import { expect, test } from '../support/test.ts'
import { createUser, signIn } from '../support/users.ts'

const ROOT = join(import.meta.dirname, '../..')
const VUE_APOLLO = join(ROOT, 'examples/vue-apollo')

/** Runs an example as described in its README. @returns its output */
async function run(script: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'examples', script)], {
    env: { ...process.env, ...env },
  })
  return stdout
}

test('C14: examples/node-script keeps working across two token expirations with only the core and fetch', async ({
  baseURL,
  request,
}) => {
  const { email, password, username } = await createUser(request)
  const output = await run('node-script/main.js', { API_URL: `${baseURL}/graphql`, EMAIL: email, PASSWORD: password })
  expect(output).toMatch(
    new RegExp(
      `^Signed in as ${username}\\.\nRefresh 1 took \\d+ ms\\.\nRefresh 2 took \\d+ ms\\.\n\\d+ responses, none of them refused\\.\n$`,
    ),
  )
})

test('C14: examples/own-backend keeps working across two token expirations with another API', async () => {
  const output = await run('own-backend/main.js')
  expect(output).toMatch(
    /^Hello, ada\n\d+ responses across 2 refreshes, none of them refused\.\nThe session has ended: SIGNED_OUT\.\n$/,
  )
})

test('the README contains the code of examples/vue-apollo', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const main = readFileSync(join(VUE_APOLLO, 'src/main.ts'), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${main}\`\`\`\n`)
})

test('C7: examples/vue-apollo keeps working across two token expirations', async ({
  baseURL,
  page,
  request,
  traffic,
}) => {
  const user = await createUser(request)
  const configFile = join(VUE_APOLLO, 'vite.config.ts')
  const outDir = mkdtempSync(join(tmpdir(), 'silent-refresh-example-'))
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  const proxy = { '/graphql': `${baseURL}` }
  const site = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { port: 0, proxy } })
  try {
    await page.goto(site.resolvedUrls?.local[0] ?? '')
    await signIn(page, user)
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    await expect.poll(() => traffic.count('SilentRefresh'), { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
    expect(traffic.responses.filter(({ status }) => status !== 200)).toEqual([])
    await page.reload()
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('status')).toHaveText('Your session has ended (SIGNED_OUT).')
  } finally {
    await site.close()
    rmSync(outDir, { recursive: true })
  }
})
