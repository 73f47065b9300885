import type { DataSource } from 'typeorm'
import type { AttemptStore } from '../core/limits/attempt-limiter.ts'
import { countAttemptsStatement } from './statements/count-attempts-statement.ts'
import { translatingErrors } from './translate-error.ts'

export function createAttemptStore(dataSource: DataSource): AttemptStore {
  return translatingErrors<AttemptStore>({
    async count({ address, account }) {
      const [{ wait_ms }] = await dataSource.query<[{ wait_ms: number | null }]>(countAttemptsStatement, [
        address?.key ?? null,
        address?.limit ?? 0,
        account?.key ?? null,
        account?.limit ?? 0,
      ])
      return wait_ms
    },
  })
}
