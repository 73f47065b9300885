import { chromium } from '@playwright/test'
import { findChromium } from '../../scripts/find-chromium.mjs'
import { medianOf } from '../measure/format.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { type AppServer, startAppServer } from './app-server.ts'
import { FIRST_LOADS, firstLoadColumns, firstLoadName, ROUNDS } from './presentation.ts'
import { FAST_3G, type FirstLoad, loadOnce, type Throttling, type Visit } from './throttled-page.ts'

const THROTTLINGS: readonly Throttling[] = [{ cpu: 4 }, { cpu: 6 }, { cpu: 4, network: FAST_3G }]

interface Page {
  readonly title: string
  readonly path: string
  readonly isSignedIn: boolean
  readonly usable: Pick<Visit, 'usable' | 'text'>
}

const PAGES: readonly Page[] = [
  {
    title: 'sign-in page',
    path: '/sign-in',
    isSignedIn: false,
    usable: { usable: 'form button[type=submit]', text: 'Sign in' },
  },
  {
    title: 'overview of a signed-in user, whose token has to be refreshed',
    path: '/',
    isSignedIn: true,
    usable: { usable: 'main', text: 'This device' },
  },
  {
    title: 'playground',
    path: '/graphql',
    isSignedIn: false,
    usable: { usable: '.graphiql-query-editor .view-lines', text: 'query' },
  },
]

/** Loads each page with an empty cache on slower processors. A page that fails has a row that says so. */
export async function measureFirstLoads({ quick, progress }: RunOptions): Promise<Table> {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--disable-gpu', '--disable-quic', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  try {
    const server = await startAppServer()
    const rows: string[][] = []
    for (const page of PAGES) {
      const throttlings = quick ? THROTTLINGS.slice(0, 1) : THROTTLINGS
      const loads: Outcome[] = throttlings.map(() => [])
      // They take turns, so that other work on the machine slows all of them alike.
      for (let round = 1; round <= (quick ? 1 : ROUNDS); round += 1) {
        progress(`${page.title}, round ${round}`)
        for (const [index, throttling] of throttlings.entries()) {
          const before = loads[index] ?? []
          if (!('failure' in before)) loads[index] = await loadAgain(before, () => load(page, throttling, server))
        }
      }
      for (const [index, { cpu, network }] of throttlings.entries()) {
        rows.push([firstLoadName(page.title, cpu, network?.name), ...cellsOf(loads[index] ?? [])])
      }
    }
    await server.stop()
    return { title: FIRST_LOADS, columns: firstLoadColumns, rows }
  } finally {
    await browser.close()
  }

  async function load(page: Page, throttling: Throttling, server: AppServer): Promise<FirstLoad> {
    const cookies = page.isSignedIn ? await server.signUp() : []
    return loadOnce(browser, { url: `${server.origin}${page.path}`, ...page.usable, cookies }, throttling)
  }
}

/** The loads of a page so far, or why one failed. */
type Outcome = readonly FirstLoad[] | { readonly failure: string }

async function loadAgain(before: readonly FirstLoad[], load: () => Promise<FirstLoad>): Promise<Outcome> {
  try {
    return [...before, await load()]
  } catch (error) {
    return { failure: String(error).split('\n')[0] ?? '' }
  }
}

function cellsOf(loads: Outcome): string[] {
  if ('failure' in loads) return [`failed: ${loads.failure}`, ...firstLoadColumns.slice(2).map(() => '–')]
  const middle = (name: keyof FirstLoad) => medianOf(loads.map((one) => one[name])).toFixed(0)
  return [
    `${middle('firstPaintMs')} ms`,
    `${middle('usableMs')} ms`,
    `${middle('blockedMs')} ms`,
    `${middle('scriptMs')} ms`,
    `${middle('kilobytes')} kB`,
    middle('requests'),
  ]
}
