import { createUser, type User } from '../support/users.ts'
import type { Tab } from './drivers/engine.ts'
import { ask, expect, test, usedBfcache } from './engine-test.ts'

// Access tokens expire after two seconds here; see playwright.engines.config.ts.

const heading = (tab: Tab) => ask(tab, () => document.querySelector('h1')?.textContent)

/** Fills in and submits the sign-in page. */
async function signIn(tab: Tab, { email, password, username }: User): Promise<void> {
  await expect.poll(() => heading(tab)).toBe('Sign in')
  await tab.type('input[type=email]', email)
  await tab.type('input[type=password]', password)
  await tab.click('button[type=submit]')
  await expect.poll(() => heading(tab)).toBe(`Hello, ${username}`)
}

/** When the list of devices was loaded, and how often. */
const updated = (tab: Tab) => ask(tab, () => document.querySelector('[data-testid=updated]')?.textContent)

/** Reloads the list of devices, which needs a good access token. */
async function reloadDevices(tab: Tab): Promise<void> {
  const before = await updated(tab)
  await tab.click('[aria-labelledby=devices] button')
  await expect.poll(() => updated(tab)).not.toBe(before)
}

test('C7: a sign-in on the page of the app outlives its access token and a reload', async ({
  profile,
  request,
  app,
}) => {
  const user = await createUser(request)
  const tab = await profile.openTab(app)
  await signIn(tab, user)
  const expiry = Date.now() + 2_000
  await expect.poll(() => Date.now()).toBeGreaterThan(expiry)
  await reloadDevices(tab)
  await tab.reload()
  await expect.poll(() => heading(tab)).toBe(`Hello, ${user.username}`)
  await reloadDevices(tab)
})

test('C8: the app that comes back shows the user who has signed in since', async ({ profile, request, app }, info) => {
  const [ada, bob] = [await createUser(request), await createUser(request)]
  const tab = await profile.openTab(app)
  await signIn(tab, ada)
  await tab.evaluate(() => {
    window.addEventListener('pageshow', () => {
      window.cameBack = true
    })
    location.href = '/livez'
  })
  await expect.poll(() => ask(tab, () => location.pathname)).toBe('/livez')

  const other = await profile.openTab(app)
  await expect.poll(() => heading(other)).toBe(`Hello, ${ada.username}`)
  await other.click('button.sign-out')
  await signIn(other, bob)

  await tab.evaluate(() => history.back())
  await expect.poll(() => heading(tab)).toBe(`Hello, ${bob.username}`)
  await usedBfcache(tab, info)
  await reloadDevices(tab)
  expect(await tab.evaluate(() => document.body.innerText)).not.toContain(ada.username)
})
