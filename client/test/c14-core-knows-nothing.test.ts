import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const source = join(import.meta.dirname, '../src')

/** The modules that a folder's files import, relative to that folder where they are files. */
const importsOf = (folder: string): string[] =>
  readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test)\.ts$/.test(name))
    .flatMap((name) =>
      [...readFileSync(join(source, folder, name), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from = '']) =>
        from.startsWith('.') ? `./${relative('.', join(dirname(name), from))}`.replace('./..', '..') : from,
      ),
    )

describe('C14: the core does not depend on Vue, Apollo or the DOM', () => {
  it('C14: the core imports only itself', () => {
    for (const from of importsOf('session')) expect(from).toMatch(/^\.\/[a-z/-]+\.ts$/)
  })

  it.each([
    ['browser', /^(\.\/|\.\.\/session\/(index|warn)\.ts$)/],
    ['transport', /^(\.\/|\.\.\/session\/(index|warn)\.ts$)/],
    [
      'apollo',
      /^(\.\/|\.\.\/(session\/(index|warn|async\/listen-while-alive)|transport\/graphql-errors)\.ts$|@apollo\/client\/|graphql$)/,
    ],
    ['fetch', /^(\.\/|\.\.\/(session\/(index|warn)|transport\/graphql-errors)\.ts$)/],
    ['graphql-ws', /^(\.\/|\.\.\/session\/(index|warn)\.ts$|graphql-ws$)/],
    ['vue', /^(\.\/|\.\.\/session\/(index|warn|async\/listen-while-alive)\.ts$|vue$)/],
  ])('C14: %s imports only the core’s public API and its own framework', (folder, allowed) => {
    for (const from of importsOf(folder)) expect(from).toMatch(allowed)
  })

  it('C14: the package loads without a window, and creates a session there', async () => {
    expect(typeof window).toBe('undefined')
    const { createSession } = await import('../src/index.ts')
    const transport = { refresh: () => Promise.reject(new Error('not called')) }
    for (const ports of [{}, { clock: undefined, storage: undefined }]) {
      const session = createSession({ transport, ...ports })
      expect(await session.getAccessToken()).toBeNull()
      await session.accept({ accessToken: 'a', accessTokenExpiresIn: 60, userId: 'ada' })
      expect(await session.getAccessToken()).toBe('a')
      session.dispose()
    }
  })
})
