import { expect, operate, register, stateOf, test } from '../support/library-test.ts'

/** Features that a browser may lack, and how to remove them. */
const MISSING: Record<string, () => void> = {
  'Web Locks': () => Reflect.deleteProperty(Navigator.prototype, 'locks'),
  BroadcastChannel: () => Reflect.deleteProperty(window, 'BroadcastChannel'),
  IndexedDB: () => Reflect.deleteProperty(window, 'indexedDB'),
  'localStorage beside IndexedDB': () => Reflect.deleteProperty(window, 'localStorage'),
}

for (const [feature, remove] of Object.entries(MISSING)) {
  test(`C1: tabs work without ${feature}`, async ({ context, openTab, gateway, gracePeriod }) => {
    await context.addInitScript(remove)
    const first = await openTab()
    const { username } = await register(first)
    const tabs = [first]
    // Several tabs that refresh at the same time need a grace period.
    const isAlone = feature === 'Web Locks' && gracePeriod === '0'
    while (!isAlone && tabs.length < 3) tabs.push(await openTab())
    for (let run = 1; run <= 2; run++) {
      const before = gateway.refreshes
      gateway.expire()
      for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 5)))) {
        expect(answers).toEqual(Array(5).fill(username))
      }
      expect(gateway.refreshes).toBeGreaterThan(before)
      expect(gateway.refreshes).toBeLessThanOrEqual(before + tabs.length)
    }
    for (const tab of tabs) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })

    await first.evaluate(() => window.harness?.session.signOut())
    for (const tab of tabs) {
      await tab.reload()
      await expect.poll(() => stateOf(tab).catch(() => undefined)).toMatchObject({ state: 'signedOut' })
    }
  })
}
