import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from '@jest/globals'
import { startTestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

const token = 'a token that only Prometheus knows'.replaceAll(' ', '-')

const statusAt = async (url: string, authorization?: string) => {
  const answer = await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })
  return { status: answer.status, isMetrics: (await answer.text()).includes('silent_refresh_open_sockets') }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('requires METRICS_TOKEN, if it is set', async () => {
  const server = await startTestServer({ METRICS_TOKEN: token })
  const wrong = [undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token]
  for (const header of wrong) {
    expect(await statusAt(server.url, header)).toEqual({ status: 401, isMetrics: false })
  }
  expect(await statusAt(server.url, `Bearer ${token}`)).toEqual({ status: 200, isMetrics: true })
  expect((await fetch(`${server.url}/metrics`)).headers.get('www-authenticate')).toBe('Bearer')
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  await server.stop()
})

it('serves metrics on METRICS_PORT only, if it is set, until the server has stopped', async () => {
  const port = await freePort()
  const server = await startTestServer({ METRICS_PORT: String(port), METRICS_TOKEN: token })
  const ownUrl = `http://127.0.0.1:${port}`
  expect(await statusAt(server.url, `Bearer ${token}`)).toEqual({ status: 404, isMetrics: false })
  expect(await statusAt(ownUrl)).toEqual({ status: 401, isMetrics: false })
  expect(await statusAt(ownUrl, `Bearer ${token}`)).toEqual({ status: 200, isMetrics: true })
  server.logLines.length = 0
  const unknown = await fetch(`${ownUrl}/graphql`)
  expect({ status: unknown.status, body: await unknown.json() }).toEqual({
    status: 404,
    body: { errors: [{ message: 'There is nothing at GET /graphql.', extensions: { code: 'NOT_FOUND' } }] },
  })
  await until(() => server.logLines.length > 0)
  const lines = server.logLines.map((line) => JSON.parse(line))
  expect(lines).toMatchObject([{ msg: 'request completed', req: { path: '/graphql' }, res: { statusCode: 404 } }])
  await server.stop()
  await expect(statusAt(ownUrl)).rejects.toThrow()
})
