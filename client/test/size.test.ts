import { describe, expect, it } from '@jest/globals'
import { BUNDLES, sizeOf } from './support/bundle-size.ts'

/** Smaller changes than this, in bytes, need no new record. */
const UNNOTICED = 50

describe('size, minified and gzipped', () => {
  it.each(BUNDLES)('$name: at most $limit bytes', async (bundle) => {
    const size = await sizeOf(bundle)
    expect(size).toBeGreaterThan(bundle.limit / 2)
    expect(size).toBeLessThanOrEqual(bundle.limit)
  })

  it('tells by how many bytes each entry has grown or shrunk since its size was recorded', async () => {
    const growth: string[] = []
    for (const bundle of BUNDLES) {
      const bytes = (await sizeOf(bundle)) - bundle.recorded
      if (Math.abs(bytes) > UNNOTICED) growth.push(`${bundle.name}: ${bytes > 0 ? '+' : ''}${bytes} bytes`)
    }
    expect(growth).toEqual([])
  })
})
