import puppeteer, { type Page } from 'puppeteer-core'
import { findChromium } from '../../scripts/find-chromium.mjs'
import { DEFAULT_TTL, expect, settled, test } from '../support/test.ts'
import { createUser, openAsNewUser } from '../support/users.ts'

const MINUTE_MS = 60_000
/** Shorter than the time after which a token is renewed: the session itself sends nothing. */
const OUTAGE_MS = 20_000

/** Counts the requests and sockets of one tab. */
async function watchTab(page: Page) {
  const seen = { requests: 0, sockets: 0 }
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/graphql') seen.requests++
  })
  const devtools = await page.createCDPSession()
  await devtools.send('Network.enable')
  devtools.on('Network.webSocketCreated', () => {
    seen.sockets++
  })
  return seen
}

// Access tokens expire after two seconds here, so a page that goes on refreshing them is noticed soon.
test('a hidden tab sends nothing, and catches up when it is shown again', async ({ request, baseURL }) => {
  const user = await createUser(request)
  // Playwright keeps all its tabs visible; Puppeteer hides those behind another one, as users do.
  const browser = await puppeteer.launch({
    executablePath: findChromium(),
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  try {
    const hidden = await browser.newPage()
    const inHidden = await watchTab(hidden)
    await hidden.goto(`${baseURL}/sign-in`)
    // Unlike `hidden.type`, a locator waits for the element: the page has loaded before the app is rendered.
    await hidden.locator('input[type=email]').fill(user.email)
    await hidden.locator('input[type=password]').fill(user.password)
    await hidden.locator('button[type=submit]').click()
    await hidden.waitForSelector('[aria-labelledby=devices] li')
    await expect.poll(() => inHidden.sockets).toBeGreaterThan(0)

    const shown = await browser.newPage()
    const inShown = await watchTab(shown)
    await shown.goto(`${baseURL}/inspector`)
    await expect.poll(() => hidden.evaluate(() => document.visibilityState)).toBe('hidden')
    await expect.poll(() => inShown.requests).toBeGreaterThan(1)
    const before = { ...inHidden }
    // Meanwhile, the shown tab polls every two seconds: this takes longer than several polls of the hidden one.
    const enough = inShown.requests + 8
    await expect.poll(() => inShown.requests, { timeout: MINUTE_MS }).toBeGreaterThan(enough)
    expect(inHidden).toEqual(before)

    await hidden.bringToFront()
    await expect.poll(() => inHidden.requests).toBeGreaterThan(before.requests)
    await expect.poll(() => inHidden.sockets).toBeGreaterThan(before.sockets)
    await expect.poll(() => shown.evaluate(() => document.visibilityState)).toBe('hidden')
  } finally {
    await browser.close()
  }
})

test.describe('on a page that is shown', () => {
  test.use(DEFAULT_TTL)

  for (const path of ['/', '/inspector']) {
    test(`${path}: an offline page sends nothing, and catches up when the device is online`, async ({
      context,
      page,
      traffic,
    }) => {
      await openAsNewUser(page, null)
      await page.clock.install()
      await page.goto(path)
      await expect.poll(() => traffic.responses.some(({ operation }) => operation === 'Devices')).toBe(true)
      await settled(page)
      await context.setOffline(true)
      await expect(page.getByText('You’re offline.')).toBeVisible()
      traffic.clear()
      // A failed request would also write an error to the console, which fails the test.
      await page.clock.runFor(OUTAGE_MS)
      expect(traffic.count('Devices')).toBe(0)
      await context.setOffline(false)
      await expect(async () => {
        await page.clock.runFor(10)
        expect(traffic.count('Devices')).toBeGreaterThan(0)
      }).toPass()
    })
  }

  test.describe('without a server', () => {
    test.use({ expectedErrors: /ERR_FAILED/ })

    test('a server that cannot be reached is asked less and less often', async ({ context, page, traffic }) => {
      await openAsNewUser(page, null)
      await page.clock.install()
      await page.goto('/')
      await expect.poll(() => traffic.responses.some(({ operation }) => operation === 'Devices')).toBe(true)
      await settled(page)
      await context.route('**/graphql', (route) => route.abort())
      traffic.clear()
      for (let passedMs = 0; passedMs < OUTAGE_MS; passedMs += 500) await page.clock.runFor(500)
      // After 5 and 15 seconds, instead of every five.
      expect(traffic.count('Devices')).toBeGreaterThan(0)
      expect(traffic.count('Devices')).toBeLessThan(4)
    })
  })
})
