import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Users, their sessions and their security events. */
export class Sessions1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT users_pkey PRIMARY KEY,
        username text NOT NULL,
        username_key text NOT NULL CONSTRAINT users_username_key_key UNIQUE,
        email text NOT NULL CONSTRAINT users_email_key UNIQUE,
        password_hash text NOT NULL,
        credential_version integer NOT NULL DEFAULT 1,
        role text NOT NULL DEFAULT 'USER' CONSTRAINT users_role_check CHECK (role IN ('USER', 'ADMIN')),
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now()
      )`)
    // No index contains a column that a rotation changes, and each page keeps room for new versions of its rows. So rotations
    // are heap-only updates (HOT), and the table does not grow.
    await runner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        app_id text,
        device_id text,
        device_name text,
        user_agent text,
        ip_address text,
        generation integer NOT NULL DEFAULT 0,
        rotated_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        absolute_expires_at timestamptz,
        last_outcome text,
        refresh_window_at timestamptz NOT NULL,
        refresh_count integer NOT NULL DEFAULT 0,
        revoked_at timestamptz,
        revoked_reason text
      ) WITH (fillfactor = 70)`)
    await runner.query('CREATE INDEX sessions_user_id_idx ON sessions (user_id)')
    await runner.query('CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL')
    await runner.query(`
      CREATE TABLE security_events (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT security_events_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT security_events_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        session_id uuid,
        type text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        ip_address text,
        user_agent text
      )`)
    await runner.query('CREATE INDEX security_events_user_id_id_idx ON security_events (user_id, id)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE security_events, sessions, users')
  }
}
