import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { layeredStorage } from '../src/browser/layered-storage.ts'
import type { RecordDatabase } from '../src/browser/record-database.ts'
import type { Storage, StoredSession } from '../src/index.ts'

const NAME = 'mine'
const FORMER = 'former'
const ada: StoredSession = { version: 1, epoch: 1, userId: 'ada', refreshToken: 'r1' }
const rotated: StoredSession = { ...ada, version: 2, refreshToken: 'r2' }
const nobody: StoredSession = { version: 2, epoch: 2, userId: null }

/** An IndexedDB with all records of an origin, in which each step is one transaction. */
class Database {
  readonly records = new Map<string, StoredSession>()
  /** `commit`: the step runs, and then the transaction aborts, for example because the disk is full. */
  trouble: 'none' | 'open' | 'commit' | 'silence' = 'none'

  of(key: string): RecordDatabase {
    const get = (from: string): StoredSession | null => structuredClone(this.records.get(from) ?? null)
    const transact = async (step: () => () => void): Promise<void> => {
      if (this.trouble === 'silence') return new Promise(() => {})
      if (this.trouble === 'open') throw new Error('open')
      const commit = step()
      if (this.trouble === 'commit') throw new Error('commit')
      commit()
    }
    const put = (next: StoredSession | null) => () => void (next && this.records.set(key, next))
    return {
      async read() {
        let record: StoredSession | null = null
        await transact(() => () => {
          record = get(key)
        })
        return record
      },
      update: (step) => transact(() => put(step(get(key)))),
      takeOver: (from, step) =>
        transact(() => {
          if (get(key)) return () => {}
          const moved = step(get(from))
          return () => {
            this.records.delete(from)
            put(moved)()
          }
        }),
    }
  }
}

/** A `localStorage` that may be full, where entries can still be replaced by smaller ones, or forbidden. */
class Area {
  readonly entries = new Map<string, string>()
  trouble: 'none' | 'full' | 'forbidden' = 'none'

  getItem(key: string): string | null {
    if (this.trouble === 'forbidden') throw new Error('forbidden')
    return this.entries.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    if (this.trouble === 'forbidden') throw new Error('forbidden')
    if (this.trouble === 'full' && value.length > (this.entries.get(key)?.length ?? 0)) throw new Error('full')
    this.entries.set(key, value)
  }
  removeItem(key: string): void {
    if (this.trouble === 'forbidden') throw new Error('forbidden')
    this.entries.delete(key)
  }
  recordOf(key: string): StoredSession | null {
    return JSON.parse(this.entries.get(key) ?? 'null')
  }
}

/** The document's cookies; `isBlocked` when the browser drops them all. */
class Cookies {
  readonly jar = new Map<string, string>()
  readonly written: string[] = []
  isBlocked = false

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  set cookie(text: string) {
    this.written.push(text)
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
    if (/max-age=0\b/.test(text)) this.jar.delete(name)
    else if (!this.isBlocked) this.jar.set(name, value)
  }
}

/** An origin of a browser: what all its tabs share. */
class Origin {
  readonly database = new Database()
  readonly area = new Area()
  readonly cookies = new Cookies()

  constructor(href = 'https://example.com:8443/') {
    Object.assign(globalThis, { document: this.cookies, localStorage: this.area, location: new URL(href) })
  }

  /** The storage of a new tab. */
  tab(layers: { keepsCopy?: boolean; formerName?: string; name?: string } = {}): Storage {
    const { keepsCopy = false, name = NAME, formerName } = layers
    return layeredStorage({ name, database: this.database.of(name), area: () => localStorage, keepsCopy, formerName })
  }

  /** Everything in the three layers that other tabs can see. */
  get stored() {
    return { database: this.database.records.get(NAME) ?? null, area: this.area.recordOf(NAME) }
  }
}

afterEach(() => {
  for (const name of ['document', 'localStorage', 'location']) Reflect.deleteProperty(globalThis, name)
})

describe('C11: storage that is there but refuses', () => {
  it.each(['open', 'commit'] as const)('C11: a session survives a reload if IndexedDB fails (%s)', async (trouble) => {
    const origin = new Origin()
    origin.database.trouble = trouble
    const tab = origin.tab()
    await expect(tab.read()).rejects.toThrow(trouble)
    expect(await tab.write(ada, 0)).toBe(true)
    expect(await tab.write(rotated, 1)).toBe(true)
    expect(await origin.tab().read()).toEqual(rotated)
  })

  it('C11: keeps the record in IndexedDB alone while that works', async () => {
    const origin = new Origin()
    await origin.tab().write(ada, 0)
    expect(origin.stored).toEqual({ database: ada, area: null })
  })

  it.each([false, true])(
    'C11: once IndexedDB works again, the newer record moves there (copy kept: %s)',
    async (keepsCopy) => {
      const origin = new Origin()
      const tab = origin.tab({ keepsCopy })
      await tab.write(ada, 0)
      origin.database.trouble = 'commit'
      expect(await tab.write(rotated, 1)).toBe(true)
      expect(origin.stored).toEqual({ database: ada, area: rotated })
      origin.database.trouble = 'none'
      expect(await origin.tab({ keepsCopy }).read()).toEqual(rotated)
      expect(origin.stored).toEqual({ database: rotated, area: keepsCopy ? rotated : null })
    },
  )

  it('C11: an older record left in localStorage is removed', async () => {
    const origin = new Origin()
    origin.area.setItem(NAME, JSON.stringify(ada))
    origin.database.records.set(NAME, rotated)
    expect(await origin.tab().read()).toEqual(rotated)
    expect(origin.stored).toEqual({ database: rotated, area: null })
  })

  it('C11: tells that nothing is known, instead of an old record, while IndexedDB fails', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    await tab.write(ada, 0)
    expect(await tab.read()).toEqual(ada)
    await origin.tab().write(rotated, 1)
    origin.database.trouble = 'open'
    await expect(tab.read()).rejects.toThrow('open')
  })

  it('C11: a write does not fail if nothing can be written', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    await tab.write(ada, 0)
    origin.database.trouble = 'commit'
    origin.area.trouble = 'full'
    expect(await tab.write(rotated, 1)).toBe(true)
    expect(origin.stored).toEqual({ database: ada, area: null })
  })

  it('C11: a sign-in is kept while IndexedDB is silent, although a user has once signed out', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    await tab.write(ada, 0)
    tab.forget?.(1)
    origin.database.trouble = 'open'
    expect(await origin.tab().write({ ...ada, version: 9, epoch: 9 }, 0)).toBe(true)
    expect(await origin.tab().read()).toMatchObject({ version: 9, userId: 'ada' })
  })

  it('C8: overwrites only the expected version, wherever the newest record is', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    origin.database.trouble = 'open'
    await tab.write(ada, 0)
    origin.database.trouble = 'none'
    const other = origin.tab()
    expect(await other.write({ ...ada, userId: 'bob' }, 0)).toBe(false)
    expect(await other.write(rotated, 1)).toBe(true)
    expect(await tab.write({ ...rotated, userId: 'bob' }, 1)).toBe(false)
    expect(await tab.read()).toEqual(rotated)
  })

  it('C11: does not bring back a record that was deleted while the tab was open', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    await tab.write(ada, 0)
    origin.database.records.clear()
    expect(await tab.read()).toBeNull()
    expect(origin.stored.database).toBeNull()
  })

  it('C11: does not wait for a silent IndexedDB if localStorage has the record', async () => {
    const origin = new Origin()
    origin.database.trouble = 'silence'
    jest.useFakeTimers()
    try {
      const writing = origin.tab().write(ada, 0)
      await jest.advanceTimersByTimeAsync(700)
      expect(await writing).toBe(true)
      const reading = origin.tab().read()
      await jest.advanceTimersByTimeAsync(700)
      expect(await reading).toEqual(ada)
    } finally {
      jest.useRealTimers()
    }
  })
})

describe('C12: a sign-out that nothing can undo', () => {
  /** What a full, forbidden or wiped storage does to the turn in which the page signs out. */
  const TROUBLE: Record<string, (origin: Origin) => void> = {
    'localStorage is full': ({ area }) => Object.assign(area, { trouble: 'full' }),
    'localStorage is forbidden': ({ area }) => Object.assign(area, { trouble: 'forbidden' }),
    'there is no localStorage': () => Reflect.deleteProperty(globalThis, 'localStorage'),
    'localStorage is null': () => Object.assign(globalThis, { localStorage: null }),
    'cookies are blocked': ({ cookies }) => Object.assign(cookies, { isBlocked: true }),
  }

  it.each(Object.entries(TROUBLE))('C12: holds if %s and the page is left at once', async (_, cause) => {
    for (const keepsCopy of [false, true]) {
      const origin = new Origin()
      await origin.tab({ keepsCopy }).write(ada, 0)
      cause(origin)
      origin.tab({ keepsCopy }).forget?.(1)
      Object.assign(origin.area, { trouble: 'none' })
      Object.assign(globalThis, { localStorage: origin.area })
      expect(await origin.tab({ keepsCopy }).read()).toEqual(nobody)
      expect(origin.stored.database).toEqual(nobody)
    }
  })

  it.each(['none', 'open'] as const)('C12: holds if localStorage is wiped in the same turn (%s)', async (trouble) => {
    const origin = new Origin()
    await origin.tab().write(ada, 0)
    origin.database.trouble = trouble
    origin.tab().forget?.(1)
    await origin.tab().write(nobody, 1)
    origin.area.entries.clear()
    origin.database.trouble = 'none'
    expect(await origin.tab().read()).toMatchObject({ epoch: 2, userId: null })
  })

  it('C12: marks nothing any more once a later sign-in is in the database', async () => {
    const origin = new Origin()
    const tab = origin.tab()
    await tab.write(ada, 0)
    tab.forget?.(1)
    await tab.write({ ...nobody, version: 3 }, 2)
    expect(origin.area.entries.size + origin.cookies.jar.size).toBe(0)
  })

  it('C12: another tab cannot store a rotation over it', async () => {
    const origin = new Origin()
    const other = origin.tab()
    await other.write(ada, 0)
    origin.tab().forget?.(1)
    origin.area.entries.clear()
    expect(await other.write(rotated, 1)).toBe(false)
    expect(await other.read()).toEqual(nobody)
  })

  it('C12: the cookie is readable by scripts of this site alone, and names the session and the origin', () => {
    for (const [href, prefix, secure] of [
      ['https://example.com:8443/', '__Host-', '; secure'],
      ['http://example.com:8080/', '', ''],
    ] as const) {
      const origin = new Origin(href)
      origin.tab({ name: 'my app; x=y' }).forget?.(3)
      const name = prefix + encodeURIComponent(`my app; x=y.forgotten@${new URL(href).origin}`)
      expect(origin.cookies.written).toEqual([`${name}=3; path=/; max-age=34560000; samesite=strict${secure}`])
    }
  })

  it('C12: the cookie is removed once the record has been rewritten, and not before', async () => {
    const origin = new Origin()
    const [tab, other] = [origin.tab(), origin.tab()]
    await tab.write(ada, 0)
    const rotating = other.write(rotated, 1)
    tab.forget?.(1)
    expect(await rotating).toBe(true)
    expect(origin.cookies.jar.size).toBe(1)
    expect(await tab.read()).toEqual({ ...nobody, version: 3 })
    expect(origin.cookies.jar.size).toBe(0)
    expect(await tab.write({ ...ada, version: 4, epoch: 3 }, 3)).toBe(true)
    expect(await origin.tab().read()).toMatchObject({ userId: 'ada' })
  })

  it('C12: an area of this tab alone marks nothing for other tabs', () => {
    const origin = new Origin()
    const own = new Area()
    own.setItem(NAME, JSON.stringify(ada))
    const storage = layeredStorage({ name: NAME, database: undefined, area: () => own, keepsCopy: true })
    storage.forget?.(1)
    expect(own.recordOf(NAME)).toEqual(nobody)
    expect([origin.area.entries.size, origin.cookies.jar.size]).toEqual([0, 0])
  })

  it('C12: an area that refuses to replace the record loses it', () => {
    const own = new Area()
    own.setItem(NAME, JSON.stringify(ada))
    own.setItem = () => {
      throw new Error('full')
    }
    layeredStorage({ name: NAME, database: undefined, area: () => own, keepsCopy: true }).forget?.(1)
    expect(own.recordOf(NAME)).toBeNull()
  })
})

describe('C11: the record of the former name', () => {
  const taking = { formerName: FORMER }

  it.each(['none', 'open'] as const)(
    'C11: is moved, by the first of two tabs (IndexedDB trouble: %s)',
    async (trouble) => {
      const origin = new Origin()
      origin.database.records.set(FORMER, ada)
      origin.area.setItem(FORMER, JSON.stringify(ada))
      origin.database.trouble = trouble
      const tabs = [origin.tab(taking), origin.tab(taking)]
      expect(await Promise.all(tabs.map((tab) => tab.read()))).toEqual([ada, ada])
      expect(origin.stored).toEqual(trouble === 'none' ? { database: ada, area: null } : { database: null, area: ada })
      if (trouble === 'none') expect(origin.database.records.has(FORMER)).toBe(false)
      else expect(origin.area.recordOf(FORMER)).toBeNull()
    },
  )

  it('C11: belongs to the first of two servers that asks', async () => {
    const origin = new Origin()
    origin.database.records.set(FORMER, ada)
    expect(await origin.tab(taking).read()).toEqual(ada)
    expect(await origin.tab({ ...taking, name: 'other server' }).read()).toBeNull()
  })

  it('C11: does not come back after a sign-out', async () => {
    const origin = new Origin()
    origin.database.records.set(FORMER, ada)
    const [tab, other] = [origin.tab(taking), origin.tab(taking)]
    await tab.read()
    tab.forget?.(1)
    expect(await other.read()).toEqual(nobody)
    expect(await origin.tab(taking).read()).toEqual(nobody)
  })

  it('C12: is signed out if its own marker says so', async () => {
    const origin = new Origin()
    origin.database.records.set(FORMER, ada)
    origin.area.setItem(`${FORMER}.forgotten`, '1')
    expect(await origin.tab(taking).read()).toEqual(nobody)
    expect([...origin.database.records.keys()]).toEqual([NAME])
  })

  it('C11: replaces nothing that is stored under the new name', async () => {
    const origin = new Origin()
    origin.database.records.set(NAME, nobody)
    origin.database.records.set(FORMER, ada)
    expect(await origin.tab(taking).read()).toEqual(nobody)
  })
})
