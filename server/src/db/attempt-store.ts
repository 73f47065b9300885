import type { DataSource } from 'typeorm'
import type { AttemptStore } from '../core/limits/attempt-limiter.ts'
import { countAttemptsStatement } from './statements/count-attempts-statement.ts'
import { run } from './statements/prepared.ts'
import { translatingErrors } from './translate-error.ts'

export function createAttemptStore(dataSource: DataSource): AttemptStore {
  return translatingErrors<AttemptStore>({
    async count(first, second) {
      const values = [first?.key ?? null, first?.limit ?? 0, second?.key ?? null, second?.limit ?? 0]
      const [counted] = await run(dataSource.manager, countAttemptsStatement, values)
      return counted?.waitMs ?? null
    },
  })
}
