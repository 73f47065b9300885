import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loadConfig } from '../../config.ts'
import { createFastify } from '../create-fastify.ts'
import { NotableRequests } from './logger.ts'

let lines: { level: number; msg: string }[] = []
let app: FastifyInstance
let hangs: Promise<void>

beforeAll(async () => {
  const logStream = { write: (line: string) => lines.push(JSON.parse(line)) }
  app = createFastify(loadConfig({ LOG_LEVEL: 'debug' }), { logStream, loggedRequests: 'notable' })
  app.setNotFoundHandler((_request, reply) => reply.status(404).send('nothing'))
  app.get('/fine', () => 'fine')
  app.get('/wrong', (_request, reply) => reply.status(401).send('wrong'))
  app.get('/broken', () => {
    throw new Error('the cause')
  })
  hangs = new Promise((isHanging) => {
    app.get('/hangs', () => {
      isHanging()
      return new Promise(() => {})
    })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
})
beforeEach(() => {
  lines = []
})
afterAll(async () => {
  app.server.closeAllConnections()
  await app.close()
})

/** At the default level. */
const shown = () => lines.filter(({ level }) => level >= 30)

it('keeps successful and refused requests at level debug', async () => {
  await app.inject('/fine?token=secret')
  await app.inject('/wrong')
  await app.inject('/nowhere')
  expect(shown()).toEqual([])
  expect(lines.map(({ msg }) => msg.replace(/\d+ ms/, '5 ms'))).toEqual([
    'GET /fine answered 200 in 5 ms',
    'GET /wrong answered 401 in 5 ms',
    'GET /nowhere answered 404 in 5 ms',
  ])
})

it('S24: shows a failed request with its cause, and without its query', async () => {
  await app.inject('/broken?token=secret')
  expect(shown()).toMatchObject([
    { level: 50, msg: 'request failed', err: { message: 'the cause' } },
    { level: 50, msg: expect.stringMatching(/^GET \/broken answered 500 in \d+ ms$/) },
  ])
  expect(JSON.stringify(lines)).not.toContain('secret')
})

it('shows a slow request', () => {
  const log = { warn: (msg: string) => lines.push({ level: 40, msg }), debug: () => {} }
  const request = { log, method: 'POST', url: '/graphql?a' } as unknown as FastifyRequest
  const answered = (elapsedTime: number) =>
    new NotableRequests().answered(request, { statusCode: 200, elapsedTime } as FastifyReply)
  answered(1_000)
  expect(lines).toEqual([])
  answered(1_001.2)
  expect(lines).toEqual([{ level: 40, msg: 'POST /graphql answered 200 in 1001 ms' }])
})

it('S24: shows a request whose client has disconnected, without its query', async () => {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET /hangs?token=secret HTTP/1.1\r\nHost: x\r\n\r\n')
  await hangs
  const aborted = once(socket, 'close')
  socket.destroy()
  await aborted
  while (shown().length === 0) await new Promise(setImmediate)
  expect(shown()).toMatchObject([{ level: 40, msg: expect.stringMatching(/^GET \/hangs aborted after \d+ ms$/) }])
})
