import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Instances keep rows of users in memory, so they are notified when what users see of them changes. A change of rights is
 * announced by its own trigger.
 * @see PROTOCOL.md S15
 */
export class ProfileChanges1767225600009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION tell_profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh', json_build_object('kind', 'profile', 'id', NEW.id)::text);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE TRIGGER users_profile_changed AFTER UPDATE ON users FOR EACH ROW
      WHEN ((OLD.username, OLD.email, OLD.created_at) IS DISTINCT FROM (NEW.username, NEW.email, NEW.created_at))
      EXECUTE FUNCTION tell_profile_changed()`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER users_profile_changed ON users')
    await runner.query('DROP FUNCTION tell_profile_changed')
  }
}
