import { getRequest, postRequest } from '../../load/requests.ts'
import { type Client, expectSuccess, repeat } from '../../load/run-load.ts'
import { type Contender, clientsFor, type Setting } from '../contender.ts'
import { type Label, labels } from '../labels.ts'
import { startScript } from '../start-script.ts'

type Format = 'json' | 'form'

/** Sends its refresh token again and again, each time the one that it was given last. */
function refreshing(url: string, first: string, format: Format): Client {
  let token = first
  const next =
    format === 'json'
      ? () => postRequest(url, JSON.stringify({ refreshToken: token }))
      : () => {
          const body = `grant_type=refresh_token&client_id=bench&refresh_token=${token}`
          return postRequest(url, body, {}, 'application/x-www-form-urlencoded')
        }
  return {
    next,
    read(response) {
      expectSuccess(response)
      const { refreshToken, refresh_token } = JSON.parse(response.body.toString())
      token = refreshToken ?? refresh_token
    },
  }
}

interface Refresher {
  readonly label: Label
  readonly script: string
  readonly path: string
  readonly format: Format
  /** Its name, if it needs a database. */
  readonly database?: string
  readonly env?: Readonly<Record<string, string>>
}

const refresher = ({ label, script, path, format, database, env }: Refresher): Contender => ({
  name: label,
  labels: [label],
  async start(setting) {
    const server = await startScript<{ tokens: readonly string[] }>(script, setting, {
      ...env,
      ...(await databaseOf(setting, database)),
    })
    const { tokens } = server.message
    const clients = clientsFor(setting, (index) => refreshing(`${server.url}${path}`, tokens[index] ?? '', format))
    return { ...server, workloads: [{ label, clients }] }
  },
})

/** Sends the cookie of a session; better-auth checks the session in the database. */
const betterAuth = (label: Label, database: string, env: Readonly<Record<string, string>>): Contender => ({
  name: label,
  labels: [label],
  async start(setting) {
    const server = await startScript<{ cookies: readonly string[] }>('competitors/better-auth.mjs', setting, {
      ...env,
      ...(await databaseOf(setting, database)),
    })
    const clients = clientsFor(setting, (index) => {
      const cookie = server.message.cookies[index] ?? ''
      return repeat(getRequest(`${server.url}/api/auth/get-session`, { cookie }), (response) => {
        expectSuccess(response)
        if (!response.body.includes('"session":')) throw new Error('better-auth does not know the session.')
      })
    })
    return { ...server, workloads: [{ label, clients }] }
  },
})

async function databaseOf({ postgres }: Setting, name: string | undefined): Promise<Record<string, string>> {
  return name === undefined ? {} : { DATABASE_URL: await postgres.createDatabase(name) }
}

const oidc = { script: 'competitors/oidc-provider.mjs', path: '/token', format: 'form' } as const

export const competitors: readonly Contender[] = [
  refresher({
    ...{ label: labels.classic, script: 'competitors/classic.mjs', path: '/refresh', format: 'json' },
    database: 'classic',
  }),
  refresher({ label: labels.oidc, ...oidc }),
  refresher({ label: labels.oidcPlain, ...oidc, env: { SCOPE: 'offline_access' } }),
  refresher({ label: labels.oidcPostgres, ...oidc, database: 'oidc' }),
  betterAuth(labels.betterAuth, 'better_auth', {}),
  betterAuth(labels.betterAuthRefresh, 'better_auth_refresh', { UPDATE_AGE: '0' }),
]
