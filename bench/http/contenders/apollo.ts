import { postRequest } from '../../load/requests.ts'
import { repeat } from '../../load/run-load.ts'
import { type Contender, clientsFor } from '../contender.ts'
import { type Label, labels } from '../labels.ts'
import { startScript } from '../start-script.ts'

const script = 'http/servers/apollo.mjs'
const query = '{ me { id username email role createdAt } }'

/** No authentication and no database. */
function bareApollo(label: Label, env: Record<string, string>): Contender {
  return {
    name: label,
    labels: [label],
    async start(setting) {
      const server = await startScript(script, setting, env)
      const request = postRequest(`${server.url}/graphql`, JSON.stringify({ query }))
      return { ...server, workloads: [{ label, clients: clientsFor(setting, () => repeat(request)) }] }
    },
  }
}

/** Each connection updates a row of its own, as every session has its own row. */
const updatingApollo: Contender = {
  name: 'Apollo Server with one prepared UPDATE',
  labels: [labels.apolloUpdate],
  async start(setting) {
    const databaseUrl = await setting.postgres.createDatabase('apollo')
    const env = { PLUGINS: 'off', DATABASE_URL: databaseUrl }
    const server = await startScript<{ ids: readonly string[] }>(script, setting, env)
    const mutation = 'mutation Touch($id: ID!) { touch(id: $id) { id username email role createdAt } }'
    const clients = clientsFor(setting, (index) => {
      const body = JSON.stringify({ query: mutation, variables: { id: server.message.ids[index] } })
      return repeat(postRequest(`${server.url}/graphql`, body))
    })
    return { ...server, workloads: [{ label: labels.apolloUpdate, clients }] }
  },
}

export const apollo: readonly Contender[] = [
  bareApollo(labels.apolloDefault, {}),
  bareApollo(labels.apollo, { PLUGINS: 'off' }),
  updatingApollo,
]
