/** Random choices determined by a seed, so that a failing run can be repeated. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number
  chance(probability: number): boolean
  /** @throws Error when there is nothing to pick from. */
  pick<T>(from: readonly T[]): T
  /** An independent stream, not affected by how often this one is used. */
  fork(name: number): Random
}

/** mulberry32: small, and random enough for tests. */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new Error('There is nothing to pick from.')
      return from[whole(0, from.length - 1)] as T
    },
    fork: (name) => createRandom(seed ^ Math.imul(name + 1, 0x9e3779b1)),
  }
}
