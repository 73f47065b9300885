import type { MigrationInterface, QueryRunner } from 'typeorm'
import { readEmail } from '../../core/accounts/user-input.ts'

/**
 * Stores every email address in its canonical form, which now includes that of the domain. If several accounts have the same
 * mailbox, it belongs to the one that has the canonical form already, else to the oldest; the others stay as they are. Also
 * indexes the few admins, whose rows every removal of that role locks.
 */
export class Accounts1767225600005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX users_admins_idx ON users (id) WHERE role = 'ADMIN'`)
    // Addresses in plain ASCII have only one form.
    const rows: { id: string; email: string }[] = await runner.query(`
      SELECT id, email FROM users WHERE octet_length(email) <> length(email) OR email LIKE '%xn--%'
      ORDER BY created_at, id`)
    for (const { id, email } of rows) {
      const canonical = canonicalOf(email)
      if (canonical === email) continue
      await runner.query(
        'UPDATE users SET email = $2 WHERE id = $1 AND NOT EXISTS (SELECT FROM users WHERE email = $2)',
        [id, canonical],
      )
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_admins_idx')
    // The earlier spellings are not known, and both versions accept the canonical form.
  }
}

/** An address that is no longer accepted stays as it is. */
function canonicalOf(email: string): string {
  try {
    return readEmail(email)
  } catch {
    return email
  }
}
