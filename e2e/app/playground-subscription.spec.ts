import { BreakableServer } from '../support/breakable-server.ts'
import { bar, openPlayground, openTab, result, run, signInWithForm, writeHeaders } from '../support/playground-page.ts'
import { expect, test } from '../support/test.ts'
import { createUser, openAsNewUser, signInElsewhere } from '../support/users.ts'

const RUNNING = 'Subscription running.'

/** Causes events until one has arrived; a single one may fall between two sockets. */
const expectEvent = (cause: () => Promise<unknown>, arrived: () => Promise<void>) =>
  expect(async () => {
    await cause()
    await arrived()
  }).toPass()

test('C13: a subscription goes on over five expiries of the access token, without a copied token', async ({
  page,
  request,
  traffic,
}) => {
  const user = await openAsNewUser(page, null)
  await openPlayground(page)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await openTab(page, 'securityEvent')
  await run(page)
  await expect(bar(page)).toContainText(RUNNING)
  await expectEvent(
    () => signInElsewhere(request, user),
    () => expect(result(page)).toContainText('SIGNED_IN', { timeout: 1_000 }),
  )
  await expect(bar(page)).toContainText(/reconnected ([5-9]|\d\d) times, last at .+, because the access token/, {
    timeout: 60_000,
  })
  // An event of another type, so that it is certainly a new one.
  await expectEvent(
    () => signInElsewhere(request, { ...user, password: 'not the one' }),
    () => expect(result(page)).toContainText('SIGN_IN_FAILED', { timeout: 1_000 }),
  )
  expect(new Set(await traffic.generations()).size).toBeGreaterThanOrEqual(5)
  await page.getByRole('button', { name: 'Stop query' }).click()
  await expect(bar(page)).not.toContainText('Subscription')
  await expect(result(page)).toContainText('SIGN_IN_FAILED')
})

test('C13: a visitor is told at once to sign in', async ({ page }) => {
  await openPlayground(page)
  await openTab(page, 'securityEvent')
  await run(page)
  const words = 'Sign in with the bar at the top of the page to run this subscription.'
  await expect(result(page)).toContainText(words)
  await expect(bar(page)).toContainText(words)
  await expect(page.getByRole('button', { name: 'Execute query' })).toBeVisible()
  await openTab(page, 'sessions')
  await run(page)
  await expect(bar(page)).toContainText('Sign in with the bar at the top of the page to run this operation.')
})

test('C13: a subscription ends with its session, and says why', async ({ context, page, request }) => {
  const user = await openAsNewUser(page, null)
  await openPlayground(page)
  await openTab(page, 'securityEvent')
  await run(page)
  await expect(bar(page)).toContainText(RUNNING)
  await expectEvent(
    () => signInElsewhere(request, user),
    () => expect(result(page)).toContainText('SIGNED_IN', { timeout: 1_000 }),
  )
  const account = await context.newPage()
  await account.goto('/')
  await account.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(bar(page)).toContainText('Subscription ended. You signed out.')
  await expect(bar(page)).toContainText('Not signed in')
  await expect(result(page)).toContainText('SIGNED_IN')
  await expect(page.getByRole('button', { name: 'Execute query' })).toBeVisible()

  // The next session has nothing to do with it.
  await signInWithForm(page, user)
  await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
  await expect(bar(page)).not.toContainText('Subscription ended')
})

test('C13: with an Authorization header, a subscription ends when its token expires', async ({ page, request }) => {
  const user = await createUser(request)
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }'
  const { email, password } = user
  const answer = await request.post('/graphql', { data: { query, variables: { input: { email, password } } } })
  await openPlayground(page)
  await openTab(page, 'securityEvent')
  await writeHeaders(page, JSON.stringify({ AUTHORIZATION: `Bearer ${(await answer.json()).data.login.accessToken}` }))
  await expect(bar(page)).toContainText('The Authorization header of this tab is used')
  await run(page)
  await expect(bar(page)).toContainText('Subscription ended: the server refused the token in the Authorization header')
  await expect(result(page)).toContainText('4403')
})

test.describe('a server that goes away', () => {
  const connection = /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|WebSocket connection to/
  // The editor starts its workers late, perhaps now. Without one, it does the work itself, and throws an event.
  const worker = /Could not create web worker|^undefined$|^Event$/
  test.use({ expectedErrors: new RegExp(`${connection.source}|${worker.source}`) })

  test('C13: a subscription keeps trying, says so, and resumes', async ({ page, request, baseURL }) => {
    const server = new BreakableServer(baseURL ?? '')
    await server.start()
    try {
      const user = await createUser(request)
      await page.route('**/playground.json', (route) => route.fulfill({ json: {} }))
      const failedWorkers: string[] = []
      const thrown: string[] = []
      page.on('requestfailed', (one) => /\.worker-/.test(one.url()) && failedWorkers.push(one.url()))
      page.on('pageerror', (error) => thrown.push(String(error)))
      await page.goto(`${server.origin}/graphql`)
      await signInWithForm(page, user)
      await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
      await openTab(page, 'securityEvent')
      await run(page)
      await expect(bar(page)).toContainText(RUNNING)

      await server.stop()
      await expect(bar(page)).toContainText('Subscription interrupted: the connection was lost. Reconnecting …')
      // The token expires in the meantime, and no other one can be had.
      await expect(bar(page)).toContainText(/renewing the token|token expired/, { timeout: 30_000 })
      await expect(bar(page)).toContainText('Subscription interrupted')
      await expect(bar(page)).toContainText(`Signed in as ${user.email}`)
      await expect(page.getByRole('button', { name: 'Stop query' })).toBeVisible()

      await server.start()
      await expect(bar(page)).toContainText(/Subscription running\. It has reconnected/, { timeout: 30_000 })
      await expectEvent(
        () => signInElsewhere(request, user),
        () => expect(result(page)).toContainText('SIGNED_IN', { timeout: 1_000 }),
      )
      expect(thrown.length).toBeLessThanOrEqual(failedWorkers.length)
    } finally {
      await server.stop()
    }
  })
})
