// The recipe of many tutorials: Express, string secrets, and a table of refresh tokens from which each refresh deletes one
// and to which it adds another.
import express from 'express'
import jwt from 'jsonwebtoken'
import pg from 'pg'

const { PORT, DATABASE_URL, CONNECTIONS } = process.env
const ACCESS_TOKEN_SECRET = 'the access token secret of a tutorial, as a string'
const REFRESH_TOKEN_SECRET = 'the refresh token secret of a tutorial, as a string'

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
await pool.query(`
  CREATE TABLE refresh_tokens (
    id serial PRIMARY KEY, token text NOT NULL UNIQUE, user_id integer NOT NULL, expires_at timestamptz NOT NULL
  )`)

async function issueTokens(userId) {
  const accessToken = jwt.sign({ userId }, ACCESS_TOKEN_SECRET, { expiresIn: '15m' })
  const refreshToken = jwt.sign({ userId, jti: crypto.randomUUID() }, REFRESH_TOKEN_SECRET, { expiresIn: '7d' })
  await pool.query(
    `INSERT INTO refresh_tokens (token, user_id, expires_at) VALUES ($1, $2, now() + interval '7 days')`,
    [refreshToken, userId],
  )
  return { accessToken, refreshToken }
}

const app = express()
app.use(express.json())
app.post('/refresh', async (request, response) => {
  const { refreshToken } = request.body
  if (!refreshToken) return response.sendStatus(401)
  try {
    const { userId } = jwt.verify(refreshToken, REFRESH_TOKEN_SECRET)
    const { rows } = await pool.query('SELECT * FROM refresh_tokens WHERE token = $1', [refreshToken])
    if (rows.length === 0) return response.sendStatus(403)
    await pool.query('DELETE FROM refresh_tokens WHERE token = $1', [refreshToken])
    return response.json(await issueTokens(userId))
  } catch {
    return response.sendStatus(403)
  }
})

const tokens = []
for (let userId = 1; userId <= Number(CONNECTIONS); userId += 1) tokens.push((await issueTokens(userId)).refreshToken)
app.listen(Number(PORT), '127.0.0.1', () => process.send?.({ tokens }))
