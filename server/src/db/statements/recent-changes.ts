/**
 * What the revocation feed reads after each connect: everything that it may have missed and that still matters.
 *
 * Why they are hand-written. They run on the feed's own connection, on which it already listens, and outside TypeORM's pool.
 * Partial indexes on both columns (migrations 0001 and 0002) keep them short.
 *
 * $1 how far back, in milliseconds
 * @see PROTOCOL.md S15
 */
export const recentlyEndedSessions = `
SELECT id FROM sessions WHERE revoked_at > now() - $1::float8 * interval '1 millisecond'`

export const recentlyChangedRights = `
SELECT id, version FROM users WHERE version_changed_at > now() - $1::float8 * interval '1 millisecond'`
