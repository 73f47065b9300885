import { expect, isReady, operate, register, stateOf, test } from '../support/library-test.ts'

/** IndexedDB that exists but does not work. */
const REFUSALS: Record<string, () => void> = {
  'cannot be opened': () => {
    // A real failure: the database has a newer version.
    Object.assign(window, { broken: indexedDB.open(`silent-refresh`, 2) })
  },
  'throws when it is opened': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
  },
  'reads but cannot write': () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    }
  },
}

for (const [trouble, cause] of Object.entries(REFUSALS)) {
  test(`C11: a session survives reloads and reaches new tabs if IndexedDB ${trouble}`, async ({
    context,
    openTab,
    gateway,
  }) => {
    await context.addInitScript(cause)
    const first = await openTab()
    const { username } = await register(first)
    await first.reload()
    await isReady(first)
    const tabs = [first, await openTab()]
    for (let run = 1; run <= 2; run++) {
      gateway.expire()
      for (const answers of await Promise.all(tabs.map((tab) => operate(tab, 5)))) {
        expect(answers).toEqual(Array(5).fill(username))
      }
    }
    expect(gateway.refreshes).toBe(2)
    await first.evaluate(() => window.harness?.session.signOut())
    for (const tab of [...tabs, await openTab()]) {
      await tab.reload()
      await isReady(tab)
      expect(await stateOf(tab)).toMatchObject({ state: 'signedOut' })
    }
  })
}

test('C11: the record moves to IndexedDB when that works again', async ({ openTab, origin }) => {
  const tab = await openTab()
  const name = `silent-refresh:${origin}/graphql`
  const places = () =>
    tab.evaluate(async (key) => {
      const databases = await indexedDB.databases()
      return { version: databases[0]?.version, area: localStorage.getItem(key) !== null }
    }, name)
  /** The library opens version 1. */
  const replaceDatabase = (version: number) =>
    tab.evaluate(
      (wanted) =>
        new Promise((resolve, reject) => {
          indexedDB.deleteDatabase('silent-refresh')
          if (wanted === 1) return resolve(undefined)
          const opening = indexedDB.open('silent-refresh', wanted)
          opening.onerror = reject
          opening.onsuccess = () => resolve(opening.result.close())
        }),
      version,
    )
  await replaceDatabase(2)
  const { username } = await register(tab)
  expect(await places()).toEqual({ version: 2, area: true })
  await replaceDatabase(1)
  for (let time = 0; time < 2; time++) {
    await tab.reload()
    await isReady(tab)
    expect(await operate(tab, 1)).toEqual([username])
    expect(await places()).toEqual({ version: 1, area: false })
  }
})
