import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

const offerHeaders: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings'])

/**
 * Serves a request as if it had no `Upgrade` header, when we do not support the offered protocol: Java's HttpClient and
 * `curl --http2` offer HTTP/2 with every request. Node has already detached the socket from its HTTP parser, so the request
 * is fed in again without the offer.
 * @param head the bytes received after the request headers.
 * @see RFC 9110 §7.8
 */
export function declineUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value] = rawHeaders.slice(index, index + 2)
    if (!offerHeaders.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
