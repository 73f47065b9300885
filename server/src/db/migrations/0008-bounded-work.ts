import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Indexes with which each statement reads only the rows it needs, however many there are.
 *
 * Unrevoked sessions of a user by age: a sign-in and each batch of a revocation find the oldest ones without reading the
 * sessions that ended earlier. Rotations change none of its columns, nor its condition, so they stay heap-only updates.
 *
 * Events by time: housekeeping finds the old ones whatever their ids are. It is a B-tree because a BRIN index never forgets
 * the oldest time of a range of pages: once their space has been used again, every range would be read.
 * @see PROTOCOL.md S13, S14, S22
 */
export class BoundedWork1767225600007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX sessions_unrevoked_idx ON sessions (user_id, created_at, id) WHERE revoked_at IS NULL',
    )
    await runner.query('CREATE INDEX security_events_at_idx ON security_events (at)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX security_events_at_idx, sessions_unrevoked_idx')
  }
}
