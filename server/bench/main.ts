import { createDataSource } from '../src/db/data-source.ts'
import { startTwoInstances } from '../test/support/processes/instances.ts'
import { startMortalPostgres } from '../test/support/processes/mortal-postgres.ts'
import { endAllServerProcesses } from '../test/support/processes/server-process.ts'
import { concurrentRefreshes, type Figure, revocation, signInTiming, throughput, verification } from './figures.ts'

// Two real processes on their own Postgres, which writes to disk. Figures depend on the machine, ratios less so.
const postgres = await startMortalPostgres({})
try {
  const { urls, stop } = await startTwoInstances(postgres.url, { PASSWORD_COST: '10' })
  const dataSource = await createDataSource({ url: postgres.url, poolSize: 10 }).initialize()
  print([
    ...(await throughput(urls[0], dataSource)),
    ...verification(),
    ...(await revocation(...urls)),
    ...(await concurrentRefreshes(urls)),
    ...(await signInTiming(urls[0])),
  ])
  await dataSource.destroy()
  await stop()
} finally {
  endAllServerProcesses()
  await postgres.remove()
}

function print(figures: readonly Figure[]): void {
  for (const [what, value, note = ''] of figures) {
    process.stdout.write(`${what.padEnd(36)}${value.padStart(10)}   ${note}\n`.trimEnd().concat('\n'))
  }
}
