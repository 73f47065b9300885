import { postRequest } from '../../load/requests.ts'
import { repeat } from '../../load/run-load.ts'
import { type Contender, clientsFor } from '../contender.ts'
import { labels } from '../labels.ts'
import { startScript } from '../start-script.ts'

/** Shows what the load generator can do. */
export const raw: Contender = {
  name: 'raw Node HTTP server',
  labels: [labels.raw],
  async start(setting) {
    const server = await startScript('http/servers/raw.mjs', setting)
    const request = postRequest(server.url, '{"query":"{ me { id username email role createdAt } }"}')
    return { ...server, workloads: [{ label: labels.raw, clients: clientsFor(setting, () => repeat(request)) }] }
  },
}
