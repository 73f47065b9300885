import { arrive, arriveAgain, type Credentials, join, newPerson } from '../support/people.ts'
import { CALM, expect, test } from '../support/test.ts'

test.use(CALM)

const ADMIN: Credentials = { email: 'admin@example.com', password: process.env.ADMIN_PASSWORD ?? '' }

test('admin: people are found and come page by page', async ({ page, request }) => {
  const { username } = newPerson()
  for (let n = 10; n < 31; n++) await join(request, { ...newPerson(), username: `${username} ${n}` })
  await arriveAgain(page, ADMIN, '/admin/users')
  const found = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
  const search = page.getByLabel('Search by name or email')
  // First nobody: the list of all people may begin with the same ones.
  await search.fill('nobody of this name')
  await expect(page.getByText('No users found.')).toBeVisible()
  await search.fill(username.toUpperCase())
  await expect(found.first()).toContainText(`${username} 10`)
  await expect(found).toHaveCount(20)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(found).toHaveCount(21)
  await expect(page.getByRole('button', { name: 'Show more' })).toBeHidden()
  await expect(found.last()).toBeFocused()
})

test('S16: an admin makes another one, who sees the page at the next load; and ends sessions at once', async ({
  browser,
  page,
}) => {
  const context = await browser.newContext()
  const theirs = await context.newPage()
  const person = await arrive(theirs, '/admin/users')
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Admins only')
  await expect(theirs.getByRole('link', { name: 'Users' })).toBeHidden()

  await arriveAgain(page, ADMIN, '/admin/users')
  await page.getByLabel('Search by name or email').fill(person.email)
  const line = page.getByRole('region', { name: 'Users' }).getByRole('listitem')
  await expect(line).toHaveCount(1)
  await expect(line).toContainText(person.username)
  await line.getByRole('button', { name: 'Make admin' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).click()
  await expect(line).toContainText('The role is now Admin.')
  await theirs.reload()
  await expect(theirs.getByRole('link', { name: 'Users' })).toBeVisible()
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Users')

  // And takes the role back, while the page is open there.
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
