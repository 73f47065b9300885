import { WebSocket } from 'ws'

// biome-ignore lint/suspicious/noExplicitAny: a message has the type that the test expects
type Message = any

/** A graphql-ws connection, message by message, without silent refresh. */
export interface TestSocket {
  socket: WebSocket
  send(message: object): void
  /** The next unread message. */
  next(): Promise<Message>
  /** Starts an operation; resolves when the server has handled it, unless that needs the database. */
  subscribe(query: string, more?: object): Promise<void>
  /** How it was closed. */
  closed: Promise<{ code: number; reason: string }>
  /** Closes it and waits until it is closed. */
  close(): Promise<void>
}

/** Opens a socket, whether or not the server accepts it. @param token for connection_init; null does not send one */
export async function openSocket(
  url: string,
  token: string | null,
  options: WebSocket.ClientOptions = {},
): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options)
  const inbox: Message[] = []
  let arrived = () => {}
  socket.on('message', (data) => {
    inbox.push(JSON.parse(String(data)))
    arrived()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  let operations = 0

  const send = (message: object) => socket.send(JSON.stringify(message))
  async function next(): Promise<Message> {
    while (inbox.length === 0) {
      await Promise.race([
        new Promise<void>((resolve) => {
          arrived = resolve
        }),
        closed.then(({ code, reason }) => Promise.reject(new Error(`The socket closed with ${code} ${reason}`))),
      ])
    }
    return inbox.shift()
  }

  if (token !== null) send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
  return {
    ...{ socket, send, next, closed },
    async subscribe(query, more = {}) {
      operations += 1
      send({ type: 'subscribe', id: String(operations), payload: { query, ...more } })
      const answered = new Promise((resolve) => socket.once('pong', resolve))
      socket.ping()
      await answered
    },
    async close() {
      socket.close()
      await closed
    },
  }
}

/** Opens a socket that the server accepts. */
export async function connect(url: string, token: string, options?: WebSocket.ClientOptions): Promise<TestSocket> {
  const socket = await openSocket(url, token, options)
  const { type } = await socket.next()
  if (type !== 'connection_ack') throw new Error(`The server said ${type}`)
  return socket
}

/** The status with which the server refused the handshake; null when it accepted. */
export function refusedHandshake(url: string, options: WebSocket.ClientOptions = {}): Promise<number | null> {
  const socket = new WebSocket(url, 'graphql-transport-ws', options)
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    socket.on('open', () => {
      socket.terminate()
      resolve(null)
    })
    socket.on('error', reject)
  })
}
