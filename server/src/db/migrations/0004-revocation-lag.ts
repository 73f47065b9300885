import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Adds the reason and the time to the notification that a session ended, so that instances can measure how long it took.
 * Drops the index of events by time: housekeeping finds the oldest ones by their ids.
 */
export class RevocationLag1767225600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      tellSessionEnded(`, 'reason', NEW.revoked_reason, 'at', extract(epoch FROM clock_timestamp()) * 1000`),
    )
    await runner.query('DROP INDEX security_events_at_idx')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX security_events_at_idx ON security_events USING brin (at)')
    await runner.query(tellSessionEnded(''))
  }
}

const tellSessionEnded = (more: string) => `
  CREATE OR REPLACE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('silent_refresh', json_build_object('kind', 'session', 'id', NEW.id${more})::text);
    INSERT INTO security_events (user_id, session_id, type, at, reason, actor_id)
    VALUES (NEW.user_id, NEW.id, 'SESSION_ENDED', NEW.revoked_at, NEW.revoked_reason, NEW.revoked_by);
    RETURN NULL;
  END $$`
