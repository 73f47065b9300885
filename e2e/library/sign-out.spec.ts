import { expect, isReady, operate, register, stateOf, test } from '../support/library-test.ts'

/** A race with the browser's own speed, so it is run many times. */
const TIMES = 6
const QUICKLY = { intervals: [10] }

test('C12: a sign-out outlives a page that is left in the same turn', async ({ openTab, gateway }) => {
  const tab = await openTab()
  const other = await openTab()
  const person = await register(tab)
  for (let time = 0; time < TIMES; time++) {
    expect(await operate(tab, 1)).toEqual([person.username])
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
    await tab.evaluate((who) => window.harness?.signIn(who), person)
  }
  expect(gateway.refreshes).toBe(0)
})

test('C12: a sign-out outlives a tab that is closed at once', async ({ openTab }) => {
  const other = await openTab()
  const person = await register(other)
  for (let time = 0; time < TIMES; time++) {
    const tab = await openTab()
    expect(await stateOf(tab)).toMatchObject({ state: 'active' })
    await tab.evaluate(() => void window.harness?.session.signOut())
    await tab.close()
    await expect.poll(() => stateOf(other), QUICKLY).toMatchObject({ state: 'signedOut', userId: null })
    await other.reload()
    await isReady(other)
    expect(await stateOf(other)).toMatchObject({ state: 'signedOut' })
    await other.evaluate((who) => window.harness?.signIn(who), person)
  }
})
