import type { DataSource } from 'typeorm'
import type { AttemptStore } from '../core/limits/attempt-limiter.ts'
import { countAttemptsStatement } from './statements/count-attempts-statement.ts'
import { translatingErrors } from './translate-error.ts'

export function createAttemptStore(dataSource: DataSource): AttemptStore {
  return translatingErrors<AttemptStore>({
    async count(first, second) {
      const [{ wait_ms }] = await dataSource.query<[{ wait_ms: number | null }]>(countAttemptsStatement, [
        first?.key ?? null,
        first?.limit ?? 0,
        second?.key ?? null,
        second?.limit ?? 0,
      ])
      return wait_ms
    },
  })
}
