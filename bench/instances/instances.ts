import { createTestClient } from '../../server/test/support/test-client.ts'
import { medianOf, milliseconds } from '../measure/format.ts'
import { timeOf } from '../measure/operations-per-second.ts'
import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { productionEnv, startOurServer } from '../processes/our-server.ts'
import { signUp } from '../processes/people.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import { presentation } from './presentation.ts'

export const instances: Group = { name: 'instances', title: presentation.title, run }

const TABS = 24
const MAX_LAG_MS = 10_000

async function run(options: RunOptions): Promise<Section> {
  const postgres = await startBenchPostgres(null)
  const env = productionEnv({ DATABASE_URL: await postgres.createDatabase('sessions') }) // the same keys for both
  const [here, there] = [(await startOurServer(undefined, env)).url, (await startOurServer(undefined, env)).url]
  options.progress('revocation')
  const lag = await revocationLag(here, there, options.quick ? 5 : 50)
  options.progress('concurrent refreshes')
  const refreshes = await concurrentRefreshes([here, there], options.quick ? 3 : 20)
  return {
    title: instances.title,
    tables: [
      {
        columns: ['', 'median', 'worst', ''],
        rows: [
          [
            'from the answer to a sign-out on one instance until the other refuses the access token',
            milliseconds(medianOf(lag)),
            milliseconds(Math.max(...lag)),
            `${lag.length} sign-outs`,
          ],
          [
            `${TABS} refreshes of one token at once, on both instances`,
            milliseconds(medianOf(refreshes.took)),
            milliseconds(Math.max(...refreshes.took)),
            `at most ${refreshes.successors} successor${refreshes.failed === 0 ? '' : `, ${refreshes.failed} not answered`}`,
          ],
        ],
      },
    ],
  }
}

/** How long the other instance still accepts an ended session, in milliseconds. @see PROTOCOL.md S15 */
async function revocationLag(here: string, there: string, times: number): Promise<number[]> {
  const [near, far] = [createTestClient(here), createTestClient(there)]
  const took: number[] = []
  for (let index = 0; index < times; index += 1) {
    const { accessToken } = await signUp(here)
    await far.me(accessToken)
    await near.logout(accessToken)
    took.push(
      await timeOf(async () => {
        const since = performance.now()
        while ((await far.me(accessToken)).body.errors === undefined) {
          if (performance.now() - since > MAX_LAG_MS)
            throw new Error('The other instance does not learn of a sign-out.')
        }
      }),
    )
  }
  return took
}

/** Many tabs at the same time. @see PROTOCOL.md S7 */
async function concurrentRefreshes(urls: readonly string[], times: number) {
  const clients = urls.map((url) => createTestClient(url))
  const took: number[] = []
  let successors = 0
  let failed = 0
  let { refreshToken } = await signUp(urls[0] ?? '')
  for (let index = 0; index < times; index += 1) {
    const found = new Set<string>()
    const refresh = async (tab: number) => {
      // On a busy machine a refresh may wait too long for the row; the same token then works once more.
      const answer = await clients[tab % clients.length]?.refresh(refreshToken).catch(() => undefined)
      if (answer?.refreshToken == null) failed += 1
      else found.add(answer.refreshToken)
    }
    took.push(await timeOf(() => Promise.all(Array.from({ length: TABS }, (_, tab) => refresh(tab)))))
    successors = Math.max(successors, found.size)
    refreshToken = [...found][0] ?? refreshToken
  }
  return { took, successors, failed }
}
