// The least that a Node HTTP server can do: shows how fast the load generator is.
import { createServer } from 'node:http'

const body = JSON.stringify({ data: { me: { id: '1', username: 'ada', email: 'ada@example.com' } } })
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body))
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
