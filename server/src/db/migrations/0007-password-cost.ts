import type { MigrationInterface, QueryRunner } from 'typeorm'

/** An index of the costs of the password hashes, so that the highest one is found without reading the whole table. */
export class PasswordCost1767225600006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX users_password_cost_idx ON users (substr(password_hash, 5, 2))
      WHERE password_hash ~ '^\\$2[aby]\\$[0-9]{2}\\$'`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_password_cost_idx')
  }
}
