import type { Config } from '../config.ts'
import { isUnencrypted } from '../db/is-unencrypted.ts'

/**
 * What is lax about a server outside production that other machines can reach; null when it is in production or listens on
 * a loopback address only.
 */
export function laxSettings(config: Config): string | null {
  const { production, host, introspection, cookieSecure, demoUsers, accessTokenSecrets, refreshTokenSecrets } = config
  if (production || /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)) return null
  const lax = [
    introspection && 'clients can introspect the schema',
    !cookieSecure && 'cookies are not Secure',
    !(accessTokenSecrets && refreshTokenSecrets) && 'signing secrets are generated and stored in DATA_DIR',
    demoUsers &&
      'demo users exist, one of them an admin, and anyone can sign in as demo@example.com without a password',
  ].filter((one) => one !== false)
  return `Warning: the server listens on ${host} in development mode: ${['secrets and passwords may be weak', ...lax].join('; ')}. Set NODE_ENV=production, or HOST=127.0.0.1 to accept connections from this machine only.`
}

/** What is wrong with the embedded Postgres in production; null when it is not used there. */
export function embeddedInProduction({ production, databaseUrl }: Config): string | null {
  if (!production || databaseUrl !== undefined) return null
  return 'DATABASE_URL is not set: using the embedded Postgres, which is meant for development and trials. It is not backed up, monitored or upgraded'
}

/** The variables whose URLs connect to a database over a network without TLS. */
export function unencryptedDatabases({ databaseUrl, databaseListenUrl }: Config): string[] {
  const urls = { DATABASE_URL: databaseUrl, DATABASE_LISTEN_URL: databaseListenUrl }
  return Object.entries(urls).flatMap(([name, url]) => (url !== undefined && isUnencrypted(url) ? [name] : []))
}
