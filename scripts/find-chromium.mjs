// @ts-check
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'chrome.exe']
const installedAt = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * The Chromium for the browser tests: CHROMIUM_PATH, an installed browser, or the one that Playwright downloaded.
 * @returns {string}
 * @throws {Error} if there is none; the message says how to install one.
 */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH
  if (named) {
    if (existsSync(named)) return named
    throw new Error(`CHROMIUM_PATH is ${named}, but that file does not exist.`)
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  const found = [...onPath, ...installedAt, chromium.executablePath()].find((file) => existsSync(file))
  if (found) return found
  throw new Error(
    'The browser tests need Chromium. Install it (Debian and Ubuntu: apt-get install chromium; others: npx playwright install chromium), or set CHROMIUM_PATH.',
  )
}
