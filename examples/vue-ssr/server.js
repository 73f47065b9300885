// Renders the page as the visitor who requests it, and forwards /graphql to the API, so that the page and the API have one
// origin and one cookie.
import { readFileSync } from 'node:fs'
import { createServer, request as send } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'

const api = new URL(process.env.API_URL ?? 'http://localhost:4000/graphql')
if (api.href !== `http://${api.host}/graphql`) throw new Error(`API_URL must be http://…/graphql, not ${api.href}`)
const port = Number(process.env.PORT ?? 3000)
const timeoutMs = Number(process.env.RENDER_TIMEOUT_MS ?? 3_000)
const isBuilt = process.env.NODE_ENV === 'production'
const folder = import.meta.dirname

/**
 * The page, from its sources or from `dist`.
 * @typedef {object} Page
 * @property {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, next: () => void) => void} serveScript
 * @property {(url: string) => string | Promise<string>} template
 * @property {() => Promise<Record<string, any>>} entry
 */

const server = createServer((request, response) => {
  const [pathname] = (request.url ?? '/').split('?') // `new URL()` would throw for `//`.
  if (pathname === '/graphql') return forward(request, response)
  page.serveScript(request, response, () => {
    // Each render spends the visitor's refresh token, so nothing but the page itself is rendered.
    if (pathname !== '/' || request.method !== 'GET') return void response.writeHead(404).end()
    renderPage(request, response).catch((error) => {
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
})
const page = await (isBuilt ? builtPage() : pageFromSources())
server.listen(port, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`http://localhost:${address.port}`)
})

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function renderPage(request, response) {
  const [head, tail] = (await page.template(request.url ?? '/')).split('<!--app-->')
  const { render, visitorSession } = await page.entry()
  const session = await visitorSession(request, response, api.href, { timeoutMs })
  // `no-store`: this page is for this visitor, and not for the back button after they have signed out.
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  // Sent before the page is rendered: the browser needs the new cookie even if the user stops loading the page.
  response.write(head)
  response.end((await render(session, api.href, timeoutMs)) + tail)
}

/** @returns {Promise<Page>} */
async function pageFromSources() {
  const { createServer: createVite } = await import('vite')
  const vite = await createVite({
    configFile: join(folder, 'vite.config.ts'),
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server } },
  })
  return {
    serveScript: vite.middlewares,
    template: (url) => vite.transformIndexHtml(url, readFileSync(join(folder, 'index.html'), 'utf8')),
    entry: () => vite.ssrLoadModule('/src/entry-server.ts'),
  }
}

/** @returns {Promise<Page>} */
async function builtPage() {
  const template = readFileSync(join(folder, 'dist/client/index.html'), 'utf8')
  const entry = await import(new URL('dist/server/entry-server.js', import.meta.url).href)
  return {
    serveScript(request, response, next) {
      const [path] = /^\/assets\/[\w.-]+\.js$/.exec(request.url ?? '') ?? []
      if (!path) return next()
      try {
        const script = readFileSync(join(folder, 'dist/client', path))
        const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=31536000, immutable' }
        response.writeHead(200, headers).end(script)
      } catch {
        next()
      }
    },
    template: () => template,
    entry: async () => entry,
  }
}

/** What a reverse proxy does in production. @type {import('node:http').RequestListener} */
function forward(request, response) {
  const { method, url: path, headers, socket } = request
  // Like `visitorSession`, so that the API sees one address for the renders and the browser.
  const addresses = [headers['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', ')
  const options = { method, path, headers: { ...headers, 'x-forwarded-for': addresses } }
  const forwarded = send(api, options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    pipeline(answer, response, () => {}) // It closes the response if the API hangs up.
  })
  forwarded.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
  response.on('close', () => forwarded.destroy())
  request.pipe(forwarded)
}

// The same for WebSockets, byte by byte. During development, Vite has one of its own for other paths.
server.on('upgrade', (request, _socket, start) => {
  const { socket } = request
  if (request.url !== '/graphql') return void (isBuilt && socket.destroy())
  const raw = [...request.rawHeaders, 'x-forwarded-for', socket.remoteAddress]
  const headers = raw.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('')
  const upstream = connect(Number(api.port || 80), api.hostname, () => {
    upstream.write(`GET /graphql HTTP/1.1\r\n${headers}\r\n`)
    upstream.write(start)
    socket.pipe(upstream).pipe(socket)
  })
  for (const one of [socket, upstream]) one.on('error', () => {}) // `close` follows.
  socket.on('close', () => upstream.destroy())
  upstream.on('close', () => socket.destroySoon()) // after the last bytes, such as a close frame
})
