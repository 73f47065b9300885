import { medianOf } from '../measure/format.ts'
import { operationsPerSecond } from '../measure/operations-per-second.ts'
import { cpuMsOfFamily } from '../processes/cpu-time.ts'
import type { Rotator } from './rotators.ts'

export interface CompareOptions {
  readonly workers: number
  readonly rounds: number
  readonly roundMs: number
  readonly postgresPid: number
}

export interface Pace {
  readonly perSecond: number
  /** The processor time of Postgres per rotation, in microseconds. */
  readonly postgresUs: number
}

/** The medians of rounds in which the rotators take turns. The first round warms up. */
export async function compare(rotators: readonly Rotator[], options: CompareOptions): Promise<Pace[]> {
  const { workers, rounds, roundMs, postgresPid } = options
  const paces: Pace[][] = rotators.map(() => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, rotator] of rotators.entries()) {
      const [since, cpuBefore] = [performance.now(), cpuMsOfFamily(postgresPid)]
      const perSecond = await operationsPerSecond((worker) => rotator.rotateOne(worker, workers), workers, roundMs)
      const done = (perSecond * (performance.now() - since)) / 1_000
      const postgresUs = ((cpuMsOfFamily(postgresPid) - cpuBefore) * 1_000) / done
      if (round > 0) paces[index]?.push({ perSecond, postgresUs })
    }
  }
  return paces.map((all) => ({
    perSecond: medianOf(all.map(({ perSecond }) => perSecond)),
    postgresUs: medianOf(all.map(({ postgresUs }) => postgresUs)),
  }))
}
