import pg from 'pg'

/** An adapter for node-oidc-provider as its example describes it: one table, and one row for each token and grant. */
export async function createPostgresAdapter(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 })
  await pool.query(`
    CREATE TABLE oidc (
      id text NOT NULL, model text NOT NULL, payload jsonb NOT NULL,
      grant_id text, uid text, user_code text, consumed_at timestamptz, expires_at timestamptz,
      PRIMARY KEY (model, id)
    )`)
  await pool.query('CREATE INDEX ON oidc (grant_id)')

  return class PostgresAdapter {
    constructor(model) {
      this.model = model
    }

    async findBy(condition, value) {
      const { rows } = await pool.query(
        `SELECT payload, consumed_at FROM oidc WHERE model = $1 AND ${condition} = $2
         AND (expires_at IS NULL OR expires_at > now())`,
        [this.model, value],
      )
      const [row] = rows
      return row && { ...row.payload, ...(row.consumed_at && { consumed: true }) }
    }

    find = (id) => this.findBy('id', id)
    findByUid = (uid) => this.findBy('uid', uid)
    findByUserCode = (userCode) => this.findBy('user_code', userCode)

    async upsert(id, payload, expiresIn) {
      await pool.query(
        `INSERT INTO oidc (model, id, payload, grant_id, uid, user_code, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
         ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
        [this.model, id, payload, payload.grantId, payload.uid, payload.userCode, expiresIn],
      )
    }

    async consume(id) {
      await pool.query('UPDATE oidc SET consumed_at = now() WHERE model = $1 AND id = $2', [this.model, id])
    }

    async destroy(id) {
      await pool.query('DELETE FROM oidc WHERE model = $1 AND id = $2', [this.model, id])
    }

    async revokeByGrantId(grantId) {
      await pool.query('DELETE FROM oidc WHERE model = $1 AND grant_id = $2', [this.model, grantId])
    }
  }
}
