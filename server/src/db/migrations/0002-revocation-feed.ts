import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The database itself notifies every instance when a session is revoked, a user's rights change or an event is written, no
 * matter which statement does it, including one that an operator types at a console. Rotations send no notification, because
 * NOTIFY takes a lock that the whole database shares.
 * @see PROTOCOL.md S15
 */
export class RevocationFeed1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN version_changed_at timestamptz')
    await runner.query(
      'CREATE INDEX users_version_changed_at_idx ON users (version_changed_at) WHERE version_changed_at IS NOT NULL',
    )
    await runner.query('ALTER TABLE sessions ADD COLUMN revoked_by uuid, ADD COLUMN address_changed_at timestamptz')
    await runner.query('ALTER TABLE security_events ADD COLUMN reason text, ADD COLUMN actor_id uuid')
    await runner.query('CREATE INDEX security_events_at_idx ON security_events USING brin (at)')

    await runner.query(`
      CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh', json_build_object('kind', 'session', 'id', NEW.id)::text);
        INSERT INTO security_events (user_id, session_id, type, at, reason, actor_id)
        VALUES (NEW.user_id, NEW.id, 'SESSION_ENDED', NEW.revoked_at, NEW.revoked_reason, NEW.revoked_by);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE TRIGGER sessions_ended AFTER UPDATE ON sessions FOR EACH ROW
      WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_session_ended()`)

    await runner.query(`
      CREATE FUNCTION tell_rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh',
          json_build_object('kind', 'user', 'id', NEW.id, 'version', NEW.version)::text);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE TRIGGER users_rights_changed AFTER UPDATE ON users FOR EACH ROW
      WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION tell_rights_changed()`)

    await runner.query(`
      CREATE FUNCTION tell_security_event() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh',
          json_build_object('kind', 'event', 'id', NEW.id::text, 'userId', NEW.user_id)::text);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE TRIGGER security_events_told AFTER INSERT ON security_events FOR EACH ROW
      EXECUTE FUNCTION tell_security_event()`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER security_events_told ON security_events')
    await runner.query('DROP TRIGGER users_rights_changed ON users')
    await runner.query('DROP TRIGGER sessions_ended ON sessions')
    await runner.query('DROP FUNCTION tell_security_event, tell_rights_changed, tell_session_ended')
    await runner.query('DROP INDEX security_events_at_idx')
    await runner.query('ALTER TABLE security_events DROP COLUMN reason, DROP COLUMN actor_id')
    await runner.query('ALTER TABLE sessions DROP COLUMN revoked_by, DROP COLUMN address_changed_at')
    await runner.query('ALTER TABLE users DROP COLUMN version_changed_at')
  }
}
