import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Counts recent sign-in attempts. Keys are digests: neither email addresses nor IP addresses are stored. */
export class AttemptCounters1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // `ends_at` has no index, so that counting is a heap-only update. Few rows live longer than a minute.
    await runner.query(`
      CREATE TABLE attempt_counters (
        key text NOT NULL CONSTRAINT attempt_counters_pkey PRIMARY KEY,
        count integer NOT NULL,
        ends_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE attempt_counters')
  }
}
