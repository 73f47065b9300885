import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort, type PinnedProcess, startPinnedProcess } from './pinned-process.ts'

export interface OurServer {
  readonly process: PinnedProcess
  readonly url: string
}

const secret = (): string => `bench:${randomBytes(48).toString('base64')}`

/** What `NODE_ENV=production` requires, without limits on attempts, and with access tokens that outlive the run. */
export function productionEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    NODE_ENV: 'production',
    ACCESS_TOKEN_SECRETS: secret(),
    REFRESH_TOKEN_SECRETS: secret(),
    ACCESS_TOKEN_TTL: '1d',
    // A round that failed on a busy machine does not end the sessions of the next one. It costs a rotation nothing.
    REFRESH_GRACE_PERIOD: '1h',
    PASSWORD_COST: '10',
    RATE_LIMIT_LOGIN_PER_ACCOUNT: '0',
    RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
    RATE_LIMIT_REFRESH_PER_SESSION: '0',
    SHUTDOWN_GRACE: '1s',
    ...env,
  }
}

/** Starts the built server and waits until it is ready. @param core the one it runs on; any if undefined */
export async function startOurServer(
  core: number | undefined,
  env: Readonly<Record<string, string>>,
): Promise<OurServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const process = startPinnedProcess(['dist/main.js'], {
    core,
    cwd: join(import.meta.dirname, '../../server'),
    env: productionEnv({ PORT: String(port), ...env }),
  })
  await process.answers(`${url}/readyz`)
  return { process, url }
}
