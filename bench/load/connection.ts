import { connect, type Socket } from 'node:net'

/** A keep-alive connection that carries one request at a time. */
export interface Connection {
  /** @throws Error when the connection breaks, or nothing arrives for 30 s */
  send(request: string): Promise<Response>
  close(): void
}

export interface Response {
  readonly status: number
  readonly body: Buffer
}

const SILENCE_TIMEOUT_MS = 30_000
const empty = Buffer.alloc(0)

/**
 * Opens a connection. It does less than Node's HTTP client, so that the load generator can saturate any server:
 * it keeps no agent, creates no streams and does not read most headers.
 */
export function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(connectionOn(socket)))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

function connectionOn(socket: Socket): Connection {
  let received: Buffer = empty
  let settle: { resolve(response: Response): void; reject(error: Error): void } | null = null
  const fail = (error: Error) => {
    settle?.reject(error)
    settle = null
    socket.destroy()
  }
  socket.setTimeout(SILENCE_TIMEOUT_MS, () => fail(new Error('The server did not answer for 30 s.')))
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The server closed the connection.')))
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const response = parseResponse(received)
    if (response === null) return
    received = empty
    const done = settle
    settle = null
    done?.resolve(response)
  })
  return {
    send(request) {
      return new Promise((resolve, reject) => {
        settle = { resolve, reject }
        if (socket.destroyed) fail(new Error('The connection is closed.'))
        else socket.write(request)
      })
    },
    close: () => socket.destroy(),
  }
}

/** A response to a request with a body; null while it is incomplete. */
export function parseResponse(bytes: Buffer): Response | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = bytes.toString('latin1', 0, headEnd)
  const status = Number(head.slice(9, 12))
  const start = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const end = start + Number(length)
    return bytes.length < end ? null : { status, body: bytes.subarray(start, end) }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: empty }
  return parseChunks(bytes, start, status)
}

function parseChunks(bytes: Buffer, start: number, status: number): Response | null {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + size
    if (bytes.length < end + 2) return null
    if (size === 0) return { status, body: Buffer.concat(chunks) }
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
