import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

const OFFER: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings'])

/**
 * Serves a request whose `Upgrade` nobody here takes as if it had none: Java's HttpClient and `curl --http2` offer
 * HTTP/2 with every request. Node has taken the socket out of HTTP by then, so the request goes in once more, without
 * the offer.
 * @param head what came after the request's headers.
 * @see RFC 9110 §7.8
 */
export function declineUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value] = rawHeaders.slice(index, index + 2)
    if (!OFFER.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
