import { chromium } from '@playwright/test'
import { findChromium } from '../../scripts/find-chromium.mjs'
import { medianOf } from '../measure/format.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { type AppServer, startAppServer } from './app-server.ts'
import { FAST_3G, type FirstLoad, loadOnce, type Throttling, type Visit } from './throttled-page.ts'

const THROTTLINGS: readonly Throttling[] = [{ cpu: 4 }, { cpu: 6 }, { cpu: 4, network: FAST_3G }]
const ROUNDS = 5

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
      for (const throttling of quick ? THROTTLINGS.slice(0, 1) : THROTTLINGS) {
        const name = [page.title, `processor ÷ ${throttling.cpu}`, throttling.network?.name].filter(Boolean).join(', ')
        progress(name)
        rows.push([name, ...(await measure(() => load(page, throttling, server), quick ? 1 : ROUNDS))])
      }
    }
    await server.stop()
    return { title: 'First load of the app', columns: COLUMNS, rows }
  } finally {
    await browser.close()
  }

  async function load(page: Page, throttling: Throttling, server: AppServer): Promise<FirstLoad> {
    const cookies = page.isSignedIn ? await server.signUp() : []
    return loadOnce(browser, { url: `${server.origin}${page.path}`, ...page.usable, cookies }, throttling)
  }
}

const COLUMNS = ['Page', 'first paint', 'usable', 'blocked', 'script', 'transferred', 'requests']

async function measure(load: () => Promise<FirstLoad>, rounds: number): Promise<string[]> {
  const loads: FirstLoad[] = []
  try {
    for (let round = 0; round < rounds; round++) loads.push(await load())
  } catch (error) {
    return [`failed: ${String(error).split('\n')[0]}`, ...COLUMNS.slice(2).map(() => '–')]
  }
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
