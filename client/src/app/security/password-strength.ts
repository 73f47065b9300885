import type { ZxcvbnFactory } from '@zxcvbn-ts/core'

/** How hard a password is to guess: 0 too short, 1 weak, 2 fair, 3 good, 4 strong. */
export type Strength = 0 | 1 | 2 | 3 | 4

/**
 * Estimates the strength. The estimator and its dictionary (240 kB gzipped) start to load with the first character.
 * @returns null while they cannot be loaded.
 */
export async function passwordStrength(password: string): Promise<Strength | null> {
  if (password === '') return 0
  estimator ??= loadEstimator().catch(() => {
    estimator = undefined
    return null
  })
  if ([...password].length < 8) return 0
  const loaded = await estimator
  return loaded ? loaded.check(password).score || 1 : null
}

let estimator: Promise<ZxcvbnFactory | null> | undefined

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary })
}
