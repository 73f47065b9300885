import pg from 'pg'

/**
 * Whether a connection to this URL crosses a network without TLS and without `sslmode=disable`, which says that this is
 * intended. The driver itself reads the URL and the variables such as PGSSLMODE, and is not connected.
 */
export function isUnencrypted(url: string): boolean {
  if (/[?&]ssl(mode)?=/.test(url)) {
    // The driver encrypts with every other value, even with `prefer`, and then verifies the certificate unless told not to.
    return false
  }
  const { host, ssl } = new pg.Client({ connectionString: url })
  const isLocal = host.startsWith('/') || /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
  return !isLocal && !ssl
}
