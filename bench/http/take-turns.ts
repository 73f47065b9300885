import { type Client, runLoad } from '../load/run-load.ts'
import { cpuMsOf, cpuMsOfFamily, ownCpuMs } from '../processes/cpu-time.ts'
import type { Label } from './labels.ts'

/** A workload and the server that runs it. */
export interface Turn {
  readonly label: Label
  readonly url: string
  readonly pid: number
  readonly clients: readonly Client[]
}

/** A busy machine may cost one round; more failures are a fault of the server. */
const MAX_FAILED_ROUNDS = 2

/** One workload in one round. */
export interface Round {
  readonly perSecond: number
  /** The server's processor time per request, in microseconds. */
  readonly serverCpuUs: number
  /** The share of one core that each used, from 0 to 1. */
  readonly serverBusy: number
  readonly loadBusy: number
  readonly postgresBusy: number
}

/** The rounds of a workload, null for those that failed, or why it could not finish. */
export type Outcome = { readonly rounds: readonly (Round | null)[] } | { readonly failure: string }

export interface TurnOptions {
  readonly connections: number
  readonly rounds: number
  readonly roundMs: number
  readonly postgresPid: number
  progress(line: string): void
}

/**
 * Runs all workloads one after the other, round by round, so that other load on the machine slows all of them alike. A first
 * round warms up and does not count. A round that fails does not count either; a workload with too many of them is left out.
 */
export async function takeTurns(turns: readonly Turn[], options: TurnOptions): Promise<Map<Label, Outcome>> {
  const outcomes = new Map<Label, Outcome>(turns.map(({ label }) => [label, { rounds: [] }]))
  const failed = new Map<Label, number>()
  for (let number = 0; number <= options.rounds; number += 1) {
    options.progress(`${options.connections} connections: ${number === 0 ? 'warm-up' : `round ${number}`}`)
    for (const turn of turns) {
      const outcome = outcomes.get(turn.label)
      if (outcome === undefined || 'failure' in outcome) continue
      try {
        const round = await runRound(turn, options)
        if (number > 0) outcomes.set(turn.label, { rounds: [...outcome.rounds, round] })
      } catch (error) {
        options.progress(`${turn.label} failed: ${failureText(error)}`)
        failed.set(turn.label, (failed.get(turn.label) ?? 0) + 1)
        const isOut = (failed.get(turn.label) ?? 0) >= MAX_FAILED_ROUNDS
        outcomes.set(
          turn.label,
          isOut ? { failure: failureText(error) } : { rounds: [...outcome.rounds, ...(number > 0 ? [null] : [])] },
        )
      }
    }
  }
  return outcomes
}

async function runRound(turn: Turn, { connections, roundMs, postgresPid }: TurnOptions): Promise<Round> {
  const read = () => [performance.now(), cpuMsOf(turn.pid), ownCpuMs(), cpuMsOfFamily(postgresPid)] as const
  const before = read()
  const { perSecond, requests } = await runLoad(turn.url, turn.clients.slice(0, connections), roundMs)
  const [elapsedMs, serverMs, loadMs, postgresMs] = read().map((value, index) => value - (before[index] ?? 0))
  const share = (ms: number | undefined) => (ms ?? Number.NaN) / (elapsedMs ?? Number.NaN)
  return {
    perSecond,
    serverCpuUs: ((serverMs ?? Number.NaN) * 1_000) / requests,
    serverBusy: share(serverMs),
    loadBusy: share(loadMs),
    postgresBusy: share(postgresMs),
  }
}

/** The first line of an error, which fits into a table. */
export const failureText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? ''
