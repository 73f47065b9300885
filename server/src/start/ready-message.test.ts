import { expect, it } from '@jest/globals'
import { localUrl, readyBlock, readyLines } from './ready-message.ts'

const url = 'http://localhost:4000'
const created = [
  { email: 'demo@example.com', role: 'USER', password: 'one' },
  { email: 'admin@example.com', role: 'ADMIN', password: 'two' },
] as const
const known = created.map((user) => ({ ...user, password: null }))

it('shows the addresses and the new passwords, each address as the end of its line', () => {
  expect(readyBlock({ url, hasPlayground: true, demoUsers: created, whyNotReady: null })).toBe(`
  Silent Refresh is ready

    App         http://localhost:4000
    Playground  http://localhost:4000/graphql
    Sign in as  demo@example.com with the password one
                admin@example.com with the password two

  The passwords are not shown again. To set a new one: npm run admin -- reset-password demo@example.com
`)
})

it('says how to set a new password when the demo users exist already', () => {
  const block = readyBlock({ url, hasPlayground: false, demoUsers: known, whyNotReady: null })
  expect(block).toContain('demo@example.com\n                admin@example.com\n')
  expect(block).toContain('To set a new password: npm run admin -- reset-password demo@example.com')
  expect(block).not.toContain('Playground')
})

it('mentions neither users nor passwords without demo users', () => {
  expect(readyBlock({ url, hasPlayground: false, demoUsers: [], whyNotReady: null })).toBe(`
  Silent Refresh is ready

    App         http://localhost:4000
`)
})

it('prints for programs one line for each user, and the address last', () => {
  expect(readyLines({ url, hasPlayground: true, demoUsers: created, whyNotReady: null })).toEqual([
    'Created demo@example.com (USER) with the password one; it is not shown again.',
    'Created admin@example.com (ADMIN) with the password two; it is not shown again.',
    'Silent Refresh is ready at http://localhost:4000 (API and playground: /graphql).',
  ])
  expect(readyLines({ url, hasPlayground: false, demoUsers: known, whyNotReady: null })).toEqual([
    'You can sign in as demo@example.com or admin@example.com. To set a new password: npm run admin -- reset-password demo@example.com',
    'Silent Refresh is ready at http://localhost:4000 (API: /graphql).',
  ])
})

it('says that the server is not ready, and why', () => {
  const state = { url, hasPlayground: false, demoUsers: [], whyNotReady: 'LISTEN does not work: connection refused' }
  const why = 'not ready, and /readyz returns 503: LISTEN does not work: connection refused.'
  expect(readyBlock(state)).toContain(`\n  Silent Refresh is running, but ${why}\n`)
  expect(readyLines(state)).toEqual([`Silent Refresh is running at http://localhost:4000 (API: /graphql), but ${why}`])
})

it.each([
  ['127.0.0.1', 'http://localhost:80'],
  ['localhost', 'http://localhost:80'],
  ['::1', 'http://localhost:80'],
  ['0.0.0.0', 'http://localhost:80'],
  ['::', 'http://localhost:80'],
  ['127.0.0.2', 'http://127.0.0.2:80'],
  ['192.168.1.5', 'http://192.168.1.5:80'],
  ['fd00::5', 'http://[fd00::5]:80'],
  ['dev.internal', 'http://dev.internal:80'],
])('reaches a server that listens on %s at %s', (host, address) => {
  expect(localUrl(host, 80)).toBe(address)
})
