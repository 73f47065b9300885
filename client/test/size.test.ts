import { describe, expect, it } from '@jest/globals'
import { BUNDLES, sizeOf } from './support/bundle-size.ts'

describe('size, minified and gzipped', () => {
  it.each(BUNDLES)('%s', async (_, code, limit) => {
    const size = await sizeOf(code)
    expect(size).toBeGreaterThan(limit / 2)
    expect(size).toBeLessThanOrEqual(limit)
  })
})
