import { DEFAULT_TTL, expect, test } from '../support/test.ts'
import { type Credentials, createUser, newUser, openAs, openAsNewUser } from '../support/users.ts'

test.use(DEFAULT_TTL)

const ADMIN: Credentials = { email: 'admin@example.com', password: process.env.ADMIN_PASSWORD ?? '' }

test('admin: users can be searched and are listed page by page', async ({ page, request }) => {
  const { username } = newUser()
  for (let n = 10; n < 31; n++) await createUser(request, { ...newUser(), username: `${username} ${n}` })
  await openAs(page, ADMIN, '/admin/users')
  const found = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
  const search = page.getByLabel('Search by name or email')
  // Search for nobody first, because the unfiltered list may start with the same users.
  await search.fill('no user has this name')
  await expect(page.getByText('No users found.')).toBeVisible()
  await search.fill(username.toUpperCase())
  await expect(found.first()).toContainText(`${username} 10`)
  await expect(found).toHaveCount(20)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(found).toHaveCount(21)
  await expect(page.getByRole('button', { name: 'Show more' })).toBeHidden()
  await expect(found.last()).toBeFocused()
})

test('S16: an admin changes roles with immediate effect, and signs a user out everywhere', async ({
  browser,
  page,
}) => {
  const context = await browser.newContext()
  const theirs = await context.newPage()
  const user = await openAsNewUser(theirs, '/admin/users')
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Admins only')
  await expect(theirs.getByRole('link', { name: 'Users' })).toBeHidden()

  await openAs(page, ADMIN, '/admin/users')
  await page.getByLabel('Search by name or email').fill(user.email)
  const line = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
  await expect(line).toHaveCount(1)
  await expect(line).toContainText(user.username)
  await line.getByRole('button', { name: 'Make admin' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).click()
  await expect(line).toContainText('The role is now Admin.')
  await theirs.reload()
  await expect(theirs.getByRole('link', { name: 'Users' })).toBeVisible()
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Users')

  // Remove the role while the user has the page open.
  await line.getByRole('button', { name: 'Remove admin role' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove admin role' }).click()
  await expect(line).toContainText('The role is now User.')
  await theirs.getByLabel('Search by name or email').fill('Ada')
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Admins only')
  await expect(theirs.getByRole('link', { name: 'Users' })).toBeHidden()

  await line.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(line).toContainText('1 device has been signed out.')
  await theirs.reload()
  await expect(theirs).toHaveURL(/\/sign-in\?next=\/admin\/users/)
  await expect(theirs.getByText('You were signed out from another device')).toBeVisible()
  await context.close()
})
