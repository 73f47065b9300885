import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A connection to a database that can stop carrying data without closing, like a network that drops packets. */
export interface TcpProxy {
  /** The database's URL through the proxy. */
  readonly url: string
  /** From now on nothing passes in either direction, and nobody is told. */
  blackHole(): void
  close(): Promise<void>
}

/** @param createFilter creates, for each connection, what changes the answers of the database on their way. */
export async function startTcpProxy(
  databaseUrl: string,
  createFilter = () => (answer: Buffer) => answer,
): Promise<TcpProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isBlackHole = false

  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname)
    const filter = createFilter()
    client.on('data', (data) => isBlackHole || database.write(data))
    database.on('data', (data) => isBlackHole || client.write(filter(data)))
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    blackHole() {
      isBlackHole = true
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
