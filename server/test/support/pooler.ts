import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands for a pooler in transaction mode: to the client, nothing that it sets for a session holds. */
export interface Pooler {
  /** The same database, through the pooler. */
  url: string
  stop(): Promise<void>
}

/**
 * Forwards connections to Postgres, and like a pooler gives its clients process ids of its own. That is all a client can see
 * of a pooler when it connects.
 */
export async function startPooler(databaseUrl: string): Promise<Pooler> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const postgres = connect(Number(port), hostname)
    client.pipe(postgres)
    forwardWithOtherProcessId(postgres, client)
    for (const [socket, other] of [
      [client, postgres],
      [postgres, client],
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
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Replaces the id in `BackendKeyData`, then forwards everything as it is. @see PostgreSQL, Message Formats */
function forwardWithOtherProcessId(postgres: Socket, client: Socket): void {
  let unread = Buffer.alloc(0)
  function read(chunk: Buffer): void {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
      const message = unread.subarray(0, unread.readInt32BE(1) + 1)
      unread = unread.subarray(message.length)
      const type = String.fromCharCode(message[0] ?? 0)
      if (type === 'K') message.writeInt32BE(1, 5) // no backend has this process id
      client.write(message)
      if (type !== 'Z') continue
      postgres.off('data', read)
      client.write(unread)
      postgres.pipe(client)
      return
    }
  }
  postgres.on('data', read)
}
