import puppeteer, { type BrowserContext, type Page } from 'puppeteer-core'
import type { Engine, Profile, Tab } from './engine.ts'

/** Firefox without a window, controlled by WebDriver BiDi. */
export async function launchFirefox(executablePath: string): Promise<Engine> {
  const launch = (preferences: Record<string, unknown>) =>
    puppeteer.launch({
      browser: 'firefox',
      executablePath,
      extraPrefsFirefox: {
        'intl.accept_languages': 'en-US',
        // Puppeteer turns the back/forward cache off.
        'fission.bfcacheInParent': true,
        ...preferences,
      },
    })
  const browser = await launch({})
  return {
    async openProfile() {
      const context = await browser.createBrowserContext()
      return profileOf(context, () => context.close())
    },
    /** A Firefox of its own that is always in private browsing. WebDriver opens none beside other windows. */
    async openPrivateProfile() {
      const privateBrowser = await launch({ 'browser.privatebrowsing.autostart': true })
      return profileOf(privateBrowser.defaultBrowserContext(), () => privateBrowser.close())
    },
    close: () => browser.close(),
  }
}

const profileOf = (context: BrowserContext, close: () => Promise<void>): Profile => ({
  async openTab(url) {
    const page = await context.newPage()
    await page.goto(url)
    return tabOf(page)
  },
  close,
})

const tabOf = (page: Page): Tab => ({
  goTo: async (url) => void (await page.goto(url)),
  reload: async () => void (await page.reload()),
  evaluate: <Argument, Result>(run: (argument: Argument) => Result, argument?: Argument) =>
    page.evaluate(run as (argument: unknown) => Result, argument),
  type: async (selector, text) => void (await (await page.waitForSelector(selector))?.type(text)),
  // Not a locator: it waits for animation frames, and a tab behind another one has none.
  click: async (selector) => void (await (await page.waitForSelector(selector))?.click()),
})
