import type { Page } from '@playwright/test'
import { expect, newUser, operate, register, stateOf, test } from '../support/library-test.ts'

const TABS = 5
const OPERATIONS = 10
const RUNS = 30
const SWAPS = 4
/** Longer than the lifetime of an access token. */
const LIFE_MS = 61_000

/** Opens tabs in which the same user is signed in. */
async function openTabs(count: number, openTab: () => Promise<Page>) {
  const tabs: Page[] = []
  while (tabs.length < count) tabs.push(await openTab())
  const user = await register(tabs[0] as Page)
  for (const tab of tabs) await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active' })
  return { tabs, user }
}

test('C1: five tabs with ten operations each cause one refresh, 30 times in a row', async ({ openTab, gateway }) => {
  const { tabs, user } = await openTabs(TABS, openTab)
  for (let run = 1; run <= RUNS; run++) {
    // Alternately, the server refuses the token, or the tabs know that it has expired.
    if (run % 2) gateway.expire()
    else await Promise.all(tabs.map((tab) => tab.evaluate((ms) => window.harness?.skip(ms), LIFE_MS)))
    const answers = await Promise.all(tabs.map((tab) => operate(tab, OPERATIONS)))
    expect(answers.flat()).toEqual(Array(TABS * OPERATIONS).fill(user.username))
    expect({ run, refreshes: gateway.refreshes }).toEqual({ run, refreshes: run })
  }
  for (const tab of tabs) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
})

test('C8: one tab switches users while the others send operations', async ({ openTab, gateway }) => {
  const { tabs, user: ada } = await openTabs(3, openTab)
  const [first, ...others] = tabs as [Page, ...Page[]]
  const bob = newUser()
  for (let run = 0; run < SWAPS; run++) {
    if (run % 2) gateway.expire()
    const next = run % 2 ? ada : bob
    const former = run % 2 ? bob : ada
    const working = others.map((tab) => operate(tab, OPERATIONS))
    await first.evaluate(
      async ([who, isNew]) => {
        const { session, register, signIn } = window.harness as NonNullable<Window['harness']>
        await session.signOut()
        await (isNew ? register(who) : signIn(who))
      },
      [next, run === 0] as const,
    )
    // Each operation got the data of its own user, or an error.
    for (const answer of (await Promise.all(working)).flat()) {
      expect(answer).toMatch(new RegExp(`^(${former.username}|SessionEndedError: .*|Error: UNAUTHENTICATED)$`))
    }
    for (const tab of tabs) {
      await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active' })
      expect(await operate(tab, 2)).toEqual(Array(2).fill(next.username))
    }
  }
  for (const tab of others) {
    const { ended } = await stateOf(tab)
    expect(ended).toHaveLength(SWAPS)
    for (const reason of ended) expect(reason).toBe('SIGNED_OUT')
  }
})
