import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Workers load this file too. The first process creates one folder for all, and removes it.
if (!process.env.E2E_DATA_DIR) {
  const created = mkdtempSync(join(tmpdir(), 'silent-refresh-e2e-'))
  chmodSync(created, 0o755) // When the tests run as root, Postgres runs as another user and must be able to enter.
  process.on('exit', () => rmSync(created, { recursive: true, force: true }))
  process.env.E2E_DATA_DIR = created
}
const dataDir = process.env.E2E_DATA_DIR

/** Settings of `webServer` that start the built server on this port, with its own data folder. */
export function server(port: number, folder: string, env: Record<string, string>) {
  return {
    command: 'node server/dist/main.js',
    url: `http://localhost:${port}/readyz`,
    env: {
      PORT: String(port),
      DATA_DIR: join(dataDir, folder),
      PASSWORD_COST: '4',
      LOG_LEVEL: 'warn',
      RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
      RATE_LIMIT_REFRESH_PER_SESSION: '0',
      ...env,
    },
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 10_000 },
  }
}
