import { gzipSync } from 'node:zlib'
import type { Page, Response } from '@playwright/test'
import { DEFAULT_TTL, expect, settled, test } from '../support/test.ts'
import { openAsNewUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

const MAX_FIRST_LOAD_BYTES = 200_000
const CPU_SLOWDOWN = 4

/** Records the gzipped size of all scripts that a page loads, requests to other origins, and failed requests. */
function watchLoad(page: Page, origin: string) {
  const scripts: Promise<number>[] = []
  const strays: string[] = []
  page.on('response', (response) => {
    const { url, type } = { url: response.url(), type: response.request().resourceType() }
    if (type === 'script') scripts.push(sizeOf(response))
    if (!url.startsWith(origin) && !url.startsWith('data:')) strays.push(url)
    if (!response.ok()) strays.push(`${response.status()} ${url}`)
  })
  page.on('requestfailed', (request) => strays.push(`failed ${request.url()}`))
  return {
    strays,
    bytes: async () => (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0),
  }
}

/** The gzipped size of the response. Checks that the server compressed it. */
async function sizeOf(response: Response): Promise<number> {
  const body = await response.body()
  if (body.length > 2_000)
    expect(response.headers(), response.url()).toHaveProperty('content-encoding', expect.stringMatching(/^(br|gzip)$/))
  return gzipSync(body).length
}

for (const path of ['/sign-in', '/']) {
  test(`first load of ${path}: at most 200 kB of script, same origin only, no failed request`, async ({
    page,
    baseURL,
  }) => {
    if (path === '/') await openAsNewUser(page, null)
    const load = watchLoad(page, baseURL ?? '')
    await page.goto(path)
    await settled(page)
    const bytes = await load.bytes()
    process.stdout.write(`first load of ${path}: ${(bytes / 1_000).toFixed(1)} kB of script, gzipped\n`)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES)
    expect(load.strays).toEqual([])
  })
}

test('the overview loads without layout shifts on a CPU that is four times slower', async ({ page }) => {
  await openAsNewUser(page, null)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
  await page.addInitScript(() => {
    const seen = { paintMs: 0, shift: 0 }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) seen.paintMs = startTime
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto('/')
  await settled(page)
  const seen = await page.evaluate(() => (window as unknown as { seen: { paintMs: number; shift: number } }).seen)
  const [paint, shift] = [seen.paintMs.toFixed(0), seen.shift.toFixed(3)]
  process.stdout.write(
    `overview: largest paint after ${paint} ms, layout shift ${shift}, processor ÷ ${CPU_SLOWDOWN}\n`,
  )
  expect(seen.paintMs).toBeGreaterThan(0)
  // The threshold for a good score: https://web.dev/articles/cls
  expect(seen.shift).toBeLessThan(0.1)
})

test('the largest text of the overview is shown before any response', async ({ page }) => {
  await openAsNewUser(page, null)
  await page.route('**/graphql', () => {})
  await page.goto('/')
  await expect(page.getByText('This list reloads every few seconds')).toBeVisible()
})
