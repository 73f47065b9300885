import { type ServerProcess, startServerProcess } from './server-process.ts'

/** One environment for all instances of a service: the same keys and database, and no rate limits. */
export function instanceEnv(databaseUrl: string, env: Record<string, string> = {}): Record<string, string> {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    ACCESS_TOKEN_SECRETS: 'test:an access secret that only the instances of a test know',
    REFRESH_TOKEN_SECRETS: 'test:a refresh secret that only the instances of a test know',
    RATE_LIMIT_LOGIN_PER_ACCOUNT: '0',
    RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
    RATE_LIMIT_REFRESH_PER_SESSION: '0',
    ...env,
  }
}

export interface Instances {
  urls: readonly [string, string]
  stop(): Promise<void>
}

/** Starts two real processes that share one database and nothing else. @see PROTOCOL.md S23 */
export async function startTwoInstances(databaseUrl: string, env: Record<string, string> = {}): Promise<Instances> {
  const start = (): ServerProcess => startServerProcess(instanceEnv(databaseUrl, env))
  const [one, two] = [start(), start()]
  return {
    urls: await Promise.all([one.ready, two.ready]),
    async stop() {
      await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')])
    },
  }
}
