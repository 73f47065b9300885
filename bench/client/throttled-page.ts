import type { Browser, CDPSession } from '@playwright/test'

/** A slower device than the one that measures, and its network. */
export interface Throttling {
  /** How many times slower the processor is. */
  readonly cpu: number
  /** Undefined: as fast as the local connection is. */
  readonly network?: { readonly name: string; readonly latencyMs: number; readonly bytesPerSecond: number } | undefined
}

/** "Fast 3G" in the developer tools of Chromium. */
export const FAST_3G = { name: 'Fast 3G', latencyMs: 562.5, bytesPerSecond: (1.6 * 1_000_000 * 0.9) / 8 }

/** A page, and what shows that it can be used. */
export interface Visit {
  readonly url: string
  /** An element of the page that can be used: a selector. */
  readonly usable: string
  /** What this element contains then. */
  readonly text: string
  /** Cookies of a signed-in user; none for a visitor. */
  readonly cookies: readonly { name: string; value: string; url: string }[]
}

/** One first load, with an empty cache. Milliseconds since the navigation began. */
export interface FirstLoad {
  readonly firstPaintMs: number
  readonly usableMs: number
  /** How long tasks of more than 50 ms kept the page from answering, beyond these 50 ms, until it was usable. */
  readonly blockedMs: number
  /** Compiling and running scripts until the page was usable. */
  readonly scriptMs: number
  /** Everything transferred until the page was usable, compressed. Kilobytes of 1,000 bytes. */
  readonly kilobytes: number
  readonly requests: number
}

const TIMEOUT_MS = 120_000

interface Seen {
  paintMs: number
  usableMs: number
  blockedMs: number
}

/** Loads a page once in a new profile. @throws Error when it does not become usable within two minutes */
export async function loadOnce(browser: Browser, visit: Visit, throttling: Throttling): Promise<FirstLoad> {
  const context = await browser.newContext({ locale: 'en-US' })
  try {
    await context.addCookies([...visit.cookies])
    const page = await context.newPage()
    // tsx wraps functions in calls of `__name`, which the page does not have.
    await page.addInitScript('globalThis.__name = (named) => named')
    await page.addInitScript(watchPage, { usable: visit.usable, text: visit.text })
    const devtools = await context.newCDPSession(page)
    const received = await watchNetwork(devtools)
    await throttle(devtools, throttling)
    await devtools.send('Performance.enable')
    await page.goto(visit.url, { waitUntil: 'commit', timeout: TIMEOUT_MS })
    // The browser may report the paint of the same frame a moment later.
    const isOver = () => {
      const { usableMs, paintMs } = (window as unknown as { seen: Seen }).seen
      return usableMs > 0 && paintMs > 0
    }
    await page.waitForFunction(isOver, null, { timeout: TIMEOUT_MS })
    const { kilobytes, requests } = received()
    const { metrics } = await devtools.send('Performance.getMetrics')
    const seen = await page.evaluate(() => (window as unknown as { seen: Seen }).seen)
    return {
      firstPaintMs: seen.paintMs,
      // Nobody can use what is in the document but not painted yet.
      usableMs: Math.max(seen.usableMs, seen.paintMs),
      blockedMs: seen.blockedMs,
      scriptMs: (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN) * 1_000,
      kilobytes,
      requests,
    }
  } finally {
    await context.close()
  }
}

/** Runs in the page, before its own scripts. */
function watchPage({ usable, text }: { usable: string; text: string }): void {
  const seen: Seen = { paintMs: 0, usableMs: 0, blockedMs: 0 }
  Object.assign(window, { seen })
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') seen.paintMs = startTime
  }).observe({ type: 'paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) if (seen.usableMs === 0) seen.blockedMs += duration - 50
  }).observe({ type: 'longtask', buffered: true })
  const look = (): void => {
    if (document.querySelector(usable)?.textContent?.includes(text)) seen.usableMs = performance.now()
    else requestAnimationFrame(look)
  }
  look()
}

async function watchNetwork(devtools: CDPSession): Promise<() => Pick<FirstLoad, 'kilobytes' | 'requests'>> {
  let bytes = 0
  let requests = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests++
  })
  await devtools.send('Network.enable')
  return () => ({ kilobytes: bytes / 1_000, requests })
}

async function throttle(devtools: CDPSession, { cpu, network }: Throttling): Promise<void> {
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: cpu })
  if (!network) return
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: network.latencyMs,
    downloadThroughput: network.bytesPerSecond,
    uploadThroughput: network.bytesPerSecond / 2,
  })
}
