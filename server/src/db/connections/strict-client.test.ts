import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { ServiceUnavailableError } from '../../errors.ts'
import { createDataSource } from '../data-source.ts'
import { translateError } from '../translate-error.ts'

let postgres: Server
afterEach(() => {
  postgres.close()
})

it('S24: survives a connection that is ended at the moment it is ready', async () => {
  // All in one packet, so that the error arrives before anyone can use the connection.
  const url = await startFakePostgres(Buffer.concat([authenticated, ready, fatal('57P01')]))
  const error = await createDataSource({ url, poolSize: 1 })
    .initialize()
    .catch((error: unknown) => error)
  expect(translateError(error)).toBeInstanceOf(ServiceUnavailableError)
})

it.each(['28P01', '3D000', 'XX000'])(
  'S24: reports a connection refused with %s as SERVICE_UNAVAILABLE',
  async (code) => {
    const url = await startFakePostgres(fatal(code))
    const error = await createDataSource({ url, poolSize: 1 })
      .initialize()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ message: 'terminating connection', cause: { code } })
    expect(translateError(error)).toBeInstanceOf(ServiceUnavailableError)
  },
)

/** Answers each connection with the same bytes and closes it. */
async function startFakePostgres(answer: Buffer): Promise<string> {
  postgres = createServer((socket) => {
    socket.on('error', () => {}) // the client may close first
    socket.once('data', () => socket.end(answer))
  }).listen(0, '127.0.0.1')
  await once(postgres, 'listening')
  return `postgres://somebody@127.0.0.1:${(postgres.address() as AddressInfo).port}/none`
}

/** @see PostgreSQL, Message Formats */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.from(`${type}    `)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const authenticated = message('R', Buffer.alloc(4))
const ready = message('Z', Buffer.from('I'))
const fatal = (code: string) => message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mterminating connection\0\0`))
