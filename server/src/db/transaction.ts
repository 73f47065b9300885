import type { DataSource, EntityManager } from 'typeorm'

/**
 * Runs `work` in a READ COMMITTED transaction, whatever the database, the role or a pooler presets. Our transactions rely on it:
 * a statement that has waited for a lock must see what the previous holder committed. `StrictClient` asks for it.
 * @see PROTOCOL.md S14
 */
export function inTransaction<T>(dataSource: DataSource, work: (transaction: EntityManager) => Promise<T>): Promise<T> {
  return dataSource.transaction(work)
}
