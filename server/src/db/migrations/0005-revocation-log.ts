import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * A log of revocations, which an instance reads when it starts or has missed notifications. It also records deletions, which
 * leave no row. Entries carry the id of their transaction, not a time: a change takes effect when its transaction commits,
 * which can be much later than its timestamp.
 * @see PROTOCOL.md S15, S22
 */
export class RevocationLog1767225600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // At once and in the order of the statements that sign in, so that none of those can hold one while it waits for the other.
    await runner.query('LOCK TABLE users, sessions IN ACCESS EXCLUSIVE MODE')
    const [{ schemas }] = await runner.query(
      `SELECT string_agg(quote_ident(name), ', ') AS schemas FROM unnest(current_schemas(true)) AS name`,
    )
    await runner.query(`
      CREATE TABLE revocations (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT revocations_pkey PRIMARY KEY,
        transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
        message jsonb NOT NULL
      )`)
    // An operator's session, with another search path, can fire the triggers too.
    const trigger = (name: string, body: string) => `
      CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schemas} AS $$
      BEGIN
        ${body}
      END $$`
    await runner.query(`
      CREATE FUNCTION announce_revocation(message jsonb) RETURNS void LANGUAGE plpgsql SET search_path = ${schemas} AS $$
      BEGIN
        INSERT INTO revocations (message) VALUES (message);
        PERFORM pg_notify('silent_refresh', message::text);
      END $$`)
    const endOf = (
      row: 'OLD' | 'NEW',
    ) => `PERFORM announce_revocation(jsonb_build_object('kind', 'session', 'id', ${row}.id,
          'reason', ${row}.revoked_reason, 'at', extract(epoch FROM clock_timestamp()) * 1000));`

    await runner.query(
      trigger(
        'tell_session_ended',
        `${endOf('NEW')}
        INSERT INTO security_events (user_id, session_id, type, at, reason, actor_id)
        VALUES (NEW.user_id, NEW.id, 'SESSION_ENDED', NEW.revoked_at, NEW.revoked_reason, NEW.revoked_by);
        RETURN NULL;`,
      ),
    )
    await runner.query(trigger('tell_session_deleted', `${endOf('OLD')} RETURN NULL;`))
    // Housekeeping deletes sessions when all their tokens have expired; nobody needs to know.
    await runner.query(`
      CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions FOR EACH ROW
      WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now() - interval '1 minute')
      EXECUTE FUNCTION tell_session_deleted()`)

    const rightsOf = (row: 'OLD' | 'NEW', version: string) =>
      `PERFORM announce_revocation(jsonb_build_object('kind', 'user', 'id', ${row}.id, 'version', ${version})); RETURN NULL;`
    await runner.query(trigger('tell_rights_changed', rightsOf('NEW', 'NEW.version')))
    await runner.query(trigger('tell_user_deleted', rightsOf('OLD', '2147483647')))
    await runner.query(
      'CREATE TRIGGER users_deleted AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION tell_user_deleted()',
    )
    // For a role that was changed by hand.
    await runner.query(trigger('count_version', 'NEW.version := OLD.version + 1; RETURN NEW;'))
    await runner.query(`
      CREATE TRIGGER users_role_changed BEFORE UPDATE OF role ON users FOR EACH ROW
      WHEN (OLD.role <> NEW.role AND OLD.version = NEW.version) EXECUTE FUNCTION count_version()`)

    // TRUNCATE waits for the lock on the table, so tokens were issued until now, and none is until it commits.
    const all = `jsonb_build_object('kind', 'all', 'issuedUpTo', floor(extract(epoch FROM clock_timestamp())))`
    await runner.query(trigger('tell_all_ended', `PERFORM announce_revocation(${all}); RETURN NULL;`))
    for (const table of ['sessions', 'users']) {
      await runner.query(`
        CREATE TRIGGER ${table}_truncated AFTER TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION tell_all_ended()`)
    }

    await runner.query(`
      INSERT INTO revocations (message)
      SELECT jsonb_build_object('kind', 'session', 'id', id) FROM sessions WHERE revoked_at > now() - interval '1 day'
      UNION ALL
      SELECT jsonb_build_object('kind', 'user', 'id', id, 'version', version)
      FROM users WHERE version_changed_at > now() - interval '1 day'`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER sessions_truncated ON sessions')
    await runner.query('DROP TRIGGER users_truncated ON users')
    await runner.query('DROP TRIGGER users_role_changed ON users')
    await runner.query('DROP TRIGGER users_deleted ON users')
    await runner.query('DROP TRIGGER sessions_deleted ON sessions')
    await runner.query('DROP FUNCTION tell_all_ended, count_version, tell_user_deleted, tell_session_deleted')
    await runner.query(`
      CREATE OR REPLACE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh', json_build_object('kind', 'session', 'id', NEW.id, 'reason', NEW.revoked_reason,
          'at', extract(epoch FROM clock_timestamp()) * 1000)::text);
        INSERT INTO security_events (user_id, session_id, type, at, reason, actor_id)
        VALUES (NEW.user_id, NEW.id, 'SESSION_ENDED', NEW.revoked_at, NEW.revoked_reason, NEW.revoked_by);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE OR REPLACE FUNCTION tell_rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('silent_refresh',
          json_build_object('kind', 'user', 'id', NEW.id, 'version', NEW.version)::text);
        RETURN NULL;
      END $$`)
    await runner.query('DROP FUNCTION announce_revocation')
    await runner.query('DROP TABLE revocations')
  }
}
