import type { Page } from '@playwright/test'
import type { Gateway } from '../support/gateway.ts'
import { expect, isReady, operate, register, stateOf, test } from '../support/library-test.ts'

/** The tests are races against the browser, so they are repeated. */
const TIMES = 12

/** What an app may do in the turn in which it signs out and leaves the page. */
const TROUBLE: Record<string, () => void> = {
  'clears localStorage': () => localStorage.clear(),
  'has filled localStorage': () => {},
}

/** Leaves not a single character of `localStorage` unused. */
function fillLocalStorage(): void {
  for (let [part, key] = ['x'.repeat(2 ** 22), 0]; part !== ''; key++) {
    try {
      localStorage.setItem(`filler-${key}`, part)
    } catch {
      part = part.slice(part.length / 2 + 0.5)
    }
  }
}

/** @returns whether a user is signed in after leaving the page in the turn of the sign-out. */
async function signOutAndLeave(tab: Page, gateway: Gateway, trouble: () => void): Promise<boolean> {
  const recover = gateway.fail('cut')
  await Promise.all([
    tab.waitForNavigation(),
    tab.evaluate(
      `void window.harness.session.signOut(); (${String(trouble)})(); location.href = '/?' + performance.timeOrigin`,
    ),
  ])
  await isReady(tab)
  recover()
  return (await stateOf(tab)).userId !== null
}

for (const [name, trouble] of Object.entries(TROUBLE)) {
  for (const before of ['after an operation', 'without an operation before']) {
    test(`C12: a sign-out holds when the page ${name} and is left at once, ${before}`, async ({ openTab, gateway }) => {
      const tab = await openTab()
      const user = await register(tab)
      const isSignedIn: boolean[] = []
      for (let time = 0; time < TIMES; time++) {
        if (name.includes('filled')) await tab.evaluate(fillLocalStorage)
        if (before === 'after an operation') expect(await operate(tab, 1)).toEqual([user.username])
        isSignedIn.push(await signOutAndLeave(tab, gateway, trouble))
        await tab.evaluate((who) => {
          localStorage.clear()
          return window.harness?.signIn(who)
        }, user)
      }
      expect(isSignedIn).toEqual(Array(TIMES).fill(false))
    })
  }
}
