/** The rows of the report. Ratios refer to them. */
export const labels = {
  raw: 'raw Node HTTP server, a constant body',
  apolloDefault: 'Apollo Server with its defaults: `me` from memory',
  apollo: 'Apollo Server without its default plugins: `me` from memory',
  apolloUpdate: 'the same with one prepared UPDATE by primary key',
  refreshToken: '**Silent Refresh: `refreshToken`**',
  me: '**Silent Refresh: `me`, from memory**',
  sessions: '**Silent Refresh: `sessions`, 5 rows**',
  securityEvents: '**Silent Refresh: `securityEvents(first: 20)`**',
  classic: 'classic recipe: `POST /refresh`',
  oidc: 'node-oidc-provider in memory: refresh',
  oidcPlain: 'node-oidc-provider in memory: refresh without an ID token',
  oidcPostgres: 'node-oidc-provider on Postgres: refresh',
  betterAuth: 'better-auth on Postgres: `get-session`',
  betterAuthRefresh: 'better-auth on Postgres: `get-session` that extends the session',
} as const

export type Label = (typeof labels)[keyof typeof labels]
