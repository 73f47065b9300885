import { expect, isReady, operate, register, stateOf, test } from '../support/library-test.ts'

/** The test is a race against the browser, so it is repeated. */
const TIMES = 6
const QUICKLY = { intervals: [10] }

test('C12: a sign-out takes effect even if the page is left immediately', async ({ openTab, gateway }) => {
  const tab = await openTab()
  const other = await openTab()
  const user = await register(tab)
  for (let time = 0; time < TIMES; time++) {
    expect(await operate(tab, 1)).toEqual([user.username])
    await Promise.all([
      tab.waitForNavigation(),
      tab.evaluate(() => {
        void window.harness?.session.signOut()
        location.reload()
      }),
    ])
    await isReady(tab)
    for (const one of [tab, other]) {
      await expect.poll(() => stateOf(one), QUICKLY).toMatchObject({ state: 'signedOut', userId: null })
    }
    expect(await operate(tab, 1)).toEqual(['Error: UNAUTHENTICATED'])
    await tab.evaluate((who) => window.harness?.signIn(who), user)
  }
  expect(gateway.refreshes).toBe(0)
})

test('C12: a sign-out takes effect even if the tab is closed immediately', async ({ openTab }) => {
  const other = await openTab()
  const user = await register(other)
  for (let time = 0; time < TIMES; time++) {
    const tab = await openTab()
    expect(await stateOf(tab)).toMatchObject({ state: 'active' })
    await tab.evaluate(() => void window.harness?.session.signOut())
    await tab.close()
    await expect.poll(() => stateOf(other), QUICKLY).toMatchObject({ state: 'signedOut', userId: null })
    await other.reload()
    await isReady(other)
    expect(await stateOf(other)).toMatchObject({ state: 'signedOut' })
    await other.evaluate((who) => window.harness?.signIn(who), user)
  }
})
