import { afterEach, describe, expect, it } from '@jest/globals'
import { createSession, memoryStorage, type Session, type SessionOptions, type Transport } from '../src/index.ts'

describe('C1: the name of a session', () => {
  let session: Session | undefined
  afterEach(() => session?.dispose())

  /** The name that a session passes to its storage. */
  function nameFor(transport: Partial<Transport>, options: Partial<SessionOptions> = {}): string | undefined {
    let name: string | undefined
    session = createSession({
      transport: { refresh: () => Promise.reject(new Error('not called')), ...transport },
      storage(given) {
        name = given
        return memoryStorage()
      },
      ...options,
    })
    return name
  }

  it('C1: contains the server, so that apps share a session only if they share the server', () => {
    const url = 'https://example.com/a/graphql'
    expect(nameFor({ url })).toBe(`silent-refresh:${url}`)
    expect(nameFor({ url: 'https://example.com/b/graphql' })).not.toBe(nameFor({ url }))
  })

  it('C1: is the same for all transports that do not tell their URL', () => {
    expect(nameFor({})).toBe('silent-refresh')
    expect(nameFor({ url: undefined })).toBe('silent-refresh')
  })

  it('C1: can be chosen, and is needed once', () => {
    expect(nameFor({ url: 'https://example.com' }, { name: 'mine' })).toBe('mine')
  })
})
