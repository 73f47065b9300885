import type { Tab } from './drivers/engine.ts'
import { ask, expect, isReady, openHarness, operate, register, stateOf, test, usedBfcache } from './engine-test.ts'

const SIGNED_OUT = { state: 'signedOut', userId: null }
const TIMES = 2

const isElsewhere = (tab: Tab) => expect.poll(() => ask(tab, () => document.title)).toBe('Elsewhere')

test('C12: a sign-in and a sign-out in one tab reach the other', async ({ profile, harness }) => {
  const tab = await openHarness(profile, harness)
  const other = await openHarness(profile, harness)
  const user = await register(tab)
  await expect.poll(() => stateOf(other)).toMatchObject({ state: 'active' })
  expect(await operate(other)).toEqual([user.username])

  await tab.evaluate(() => window.harness?.session.signOut())
  await expect.poll(() => stateOf(other)).toEqual({ ...SIGNED_OUT, ended: ['SIGNED_OUT'] })
  expect(await operate(other)).toEqual(['Error: UNAUTHENTICATED'])
})

test('C1: five tabs whose token has expired cause one refresh', async ({ profile, harness, gateway }) => {
  const tabs: Tab[] = []
  while (tabs.length < 5) tabs.push(await openHarness(profile, harness))
  const { username } = await register(tabs[0] as Tab)
  for (const tab of tabs) await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active' })
  for (let time = 1; time <= TIMES; time++) {
    gateway.expire()
    const answers = await Promise.all(tabs.map((tab) => operate(tab, 5)))
    expect(answers.flat()).toEqual(Array(25).fill(username))
    expect(gateway.refreshes).toBe(time)
  }
  for (const tab of tabs) expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
})

for (const failure of ['hang', 'cut'] as const) {
  const server = { hang: 'does not answer', cut: 'cannot be reached' }[failure]
  test(`C12: a sign-out while leaving takes effect when the server ${server}`, async ({
    profile,
    harness,
    gateway,
  }) => {
    const tab = await openHarness(profile, harness)
    const other = await openHarness(profile, harness)
    const user = await register(tab)
    for (let time = 0; time < TIMES; time++) {
      expect(await operate(tab)).toEqual([user.username])
      await expect.poll(() => stateOf(other)).toMatchObject({ state: 'active' })
      const recover = gateway.fail(failure)
      await tab.evaluate(() => {
        void window.harness?.session.signOut()
        location.href = '/elsewhere'
      })
      await isElsewhere(tab)
      await expect.poll(() => stateOf(other)).toMatchObject(SIGNED_OUT)
      // The user comes back once while the server is still unreachable, and once after.
      await tab.goTo(harness)
      await isReady(tab)
      expect(await stateOf(tab)).toMatchObject(SIGNED_OUT)
      recover()
      await tab.reload()
      await isReady(tab)
      expect(await stateOf(tab)).toMatchObject(SIGNED_OUT)
      expect(await operate(tab)).toEqual(['Error: UNAUTHENTICATED'])
      await tab.evaluate((who) => window.harness?.signIn(who), user)
    }
    expect(gateway.refreshes).toBe(0)
  })
}

/** Leaves the page, and remembers when it comes back from the cache and what it receives then. */
async function leave(tab: Tab): Promise<void> {
  await tab.evaluate(() => {
    window.addEventListener('pageshow', () => {
      window.cameBack = true
      window.atReturn = window.harness?.operate(1)
    })
    location.href = '/elsewhere'
  })
  await isElsewhere(tab)
}

async function goBack(tab: Tab): Promise<void> {
  await tab.evaluate(() => history.back())
  await isReady(tab)
}

test('C12: a page in the back/forward cache stays there while another tab refreshes', async ({
  profile,
  harness,
  gateway,
}, info) => {
  const tab = await openHarness(profile, harness)
  const { username } = await register(tab)
  await leave(tab)
  const other = await openHarness(profile, harness)
  gateway.expire()
  expect(await operate(other)).toEqual([username])

  await goBack(tab)
  expect(await usedBfcache(tab, info)).toBe(true)
  expect(await tab.evaluate(() => window.atReturn)).toEqual([username])
  expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
})

test('C8: a page that comes back belongs to the user who has signed in since', async ({ profile, harness }, info) => {
  const tab = await openHarness(profile, harness)
  const ada = await register(tab)
  await leave(tab)
  const other = await openHarness(profile, harness)
  await other.evaluate(() => window.harness?.session.signOut())
  const bob = await register(other)

  await goBack(tab)
  // The operation sent in the turn of the return gets the data of the new user, or none.
  if (await usedBfcache(tab, info)) expect(await tab.evaluate(() => window.atReturn)).not.toEqual([ada.username])
  await expect.poll(() => stateOf(tab)).toMatchObject({ state: 'active', userId: (await stateOf(other))?.userId })
  expect(await operate(tab)).toEqual([bob.username])
})

test('C11: in a private window the session survives expiry and a reload', async ({ engine, harness, gateway }) => {
  const profile = await engine.openPrivateProfile()
  try {
    const tab = await openHarness(profile, harness)
    const { username } = await register(tab)
    gateway.expire()
    expect(await operate(tab)).toEqual([username])
    await tab.reload()
    await isReady(tab)
    expect(await stateOf(tab)).toMatchObject({ state: 'active', ended: [] })
    gateway.expire()
    expect(await operate(tab)).toEqual([username])
    const other = await openHarness(profile, harness)
    expect(await operate(other)).toEqual([username])
  } finally {
    await profile.close()
  }
})

declare global {
  interface Window {
    /** What the operation received that was sent when the page came back from the cache. */
    atReturn?: Promise<string[]> | undefined
  }
}
