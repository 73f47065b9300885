import { describe, expect, it } from '@jest/globals'
import { type StoredSession, webStorage } from '../src/index.ts'

const ada: StoredSession = { version: 1, epoch: 1, userId: 'ada', refreshToken: 'r' }

function area(initial: Record<string, string> = {}) {
  const entries = new Map(Object.entries(initial))
  return {
    entries,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
  }
}

describe('C11: webStorage', () => {
  it('C11: keeps the record under its name', async () => {
    const own = area()
    const storage = webStorage(own, 'mine')
    expect(await storage.read()).toBeNull()
    expect(await storage.write(ada, 0)).toBe(true)
    expect(await storage.read()).toEqual(ada)
    expect([...own.entries.keys()]).toEqual(['mine'])
    expect(await webStorage(own, 'other').read()).toBeNull()
  })

  it('C8: overwrites only the expected version', async () => {
    const storage = webStorage(area())
    await storage.write(ada, 0)
    expect(await storage.write({ ...ada, version: 2 }, 0)).toBe(false)
    expect(await storage.write({ ...ada, version: 2 }, 1)).toBe(true)
    expect(await storage.read()).toEqual({ ...ada, version: 2 })
  })

  it.each(['{"version":', 'hello', ''])('C11: ignores an entry that is not ours (%j)', async (text) => {
    const storage = webStorage(area({ 'silent-refresh': text }))
    expect(await storage.read()).toBeNull()
    expect(await storage.write(ada, 0)).toBe(true)
    expect(await storage.read()).toEqual(ada)
  })

  it('C12: a forgotten session stays over, without its tokens, until the next sign-in', async () => {
    const own = area()
    const storage = webStorage(own)
    await storage.write(ada, 0)
    storage.forget?.(1)
    const nobody = { version: 2, epoch: 2, userId: null }
    expect(await storage.read()).toEqual(nobody)
    expect(JSON.parse(own.getItem('silent-refresh') as string)).toEqual(nobody)
    storage.forget?.(1)
    expect(await storage.read()).toEqual(nobody)
    expect(await storage.write({ ...ada, version: 3, epoch: 3 }, 1)).toBe(false)
    expect(await storage.write({ ...ada, version: 3, epoch: 3 }, 2)).toBe(true)
    expect(await storage.read()).toMatchObject({ userId: 'ada' })
  })

  it('C1: reports a storage area that is not shared between tabs', () => {
    expect(webStorage(area()).shared).toBe(false)
  })
})
