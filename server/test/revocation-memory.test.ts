import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

const REVOCATIONS = 100_000
const ALLOWED_BYTES = 20 * 2 ** 20

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'warn' })
})
afterAll(() => server.stop())

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function listSize(): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/^\w*revocation_list_size (\d+)$/m.exec(metrics)?.[1])
}

const untilSize = (wanted: number) => until(async () => (await listSize()) === wanted)

it('S15: frees the memory of 100,000 ended sessions when their tokens have expired', async () => {
  await untilSize(0)
  const before = heapBytes()
  for (let batch = 0; batch < 10; batch += 1) {
    // What the trigger on `sessions` sends for each ended session; the rows themselves are not measured here.
    await server.dataSource.query(
      `SELECT pg_notify('silent_refresh', json_build_object('kind', 'session', 'id', gen_random_uuid())::text)
       FROM generate_series(1, $1::integer)`,
      [REVOCATIONS / 10],
    )
  }
  await untilSize(REVOCATIONS)
  await server.clock.advance({ seconds: 60 + 61 }) // the access-token lifetime, and a minute for clock skew
  await untilSize(0)
  expect(heapBytes() - before).toBeLessThan(ALLOWED_BYTES)
})
