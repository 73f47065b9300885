import { expect, isReady, newUser, operate, register, stateOf, test } from '../support/library-test.ts'

test('C1: two apps of one origin with an API each, and all defaults, share nothing', async ({ openTab, gateway }) => {
  const users = { '/a': newUser(), '/b': newUser() }
  const [a, b] = [await openTab({}, '/a/'), await openTab({}, '/b/')]
  const signedOut = { state: 'signedOut', userId: null, ended: [] }

  await register(a, users['/a'])
  expect(await stateOf(b)).toEqual(signedOut)
  await b.reload()
  await isReady(b)
  expect(await stateOf(b)).toEqual(signedOut)
  expect(await operate(b, 1)).toEqual(['Error: UNAUTHENTICATED'])

  await register(b, users['/b'])
  for (const step of ['an operation', 'an expiry', 'a reload'] as const) {
    for (const tab of [a, b]) if (step === 'a reload') await tab.reload().then(() => isReady(tab))
    if (step === 'an expiry') gateway.expire()
    const answers = await Promise.all([operate(a, 2), operate(b, 2)])
    expect(answers).toEqual([users['/a'], users['/b']].map(({ username }) => [username, username]))
  }

  const ids = { '/a': (await stateOf(a)).userId, '/b': (await stateOf(b)).userId }
  await a.evaluate(() => window.harness?.session.signOut())
  for (let turn = 0; turn < 2; turn++) {
    expect(await stateOf(b)).toEqual({ state: 'active', userId: ids['/b'], ended: [] })
    expect(await operate(b, 1)).toEqual([users['/b'].username])
    await b.reload()
    await isReady(b)
  }

  for (const [app, other] of [
    ['/a', '/b'],
    ['/b', '/a'],
  ] as const) {
    const { issued = [] } = gateway.traffic[other] ?? {}
    expect(issued.length).toBeGreaterThan(1)
    const secrets = [...issued, ids[other] as string]
    const leaks = gateway.traffic[app]?.sent.filter((sent) => secrets.some((secret) => sent.includes(secret)))
    expect(leaks).toEqual([])
  }
})

test('C11: the record of the former default name is taken over once', async ({ openTab, context, origin }) => {
  const first = await openTab()
  const { username } = await register(first)
  const name = `silent-refresh:${origin}/graphql`
  /** Gives the record another key, or reports all keys. */
  const keys = (rename?: readonly [from: string, to: string]): Promise<IDBValidKey[]> =>
    first.evaluate(
      (names) =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open('silent-refresh', 1)
          opening.onerror = reject
          opening.onsuccess = () => {
            const store = opening.result.transaction('sessions', 'readwrite').objectStore('sessions')
            if (names) {
              store.get(names[0]).onsuccess = ({ target }) => {
                store.put((target as IDBRequest).result, names[1])
                store.delete(names[0])
              }
            }
            const listing = store.getAllKeys()
            listing.onsuccess = () => resolve(listing.result)
            listing.onerror = reject
            opening.result.close()
          }
        }),
      rename,
    )
  expect(await keys()).toEqual([name])
  await keys([name, 'silent-refresh'])
  expect(await keys()).toEqual(['silent-refresh'])

  const tabs = await Promise.all([openTab(), openTab()])
  for (const tab of tabs) expect(await operate(tab, 1)).toEqual([username])
  expect(await keys()).toEqual([name])
  await tabs[0].evaluate(() => window.harness?.session.signOut())
  const late = await openTab()
  for (const tab of [...tabs, late]) expect(await stateOf(tab)).toMatchObject({ state: 'signedOut' })
  expect(await keys()).toEqual([name])
  expect((await context.cookies()).filter((cookie) => cookie.name.includes('forgotten'))).toEqual([])
})
