// @ts-check
// `npm run dev`: like `npm start`, including `.env`, but reloads on changes. The browser connects to Vite on PORT (4000), which proxies API requests to
// the watched server on PORT + 1.
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import '../server/src/start/preload-env-file.mjs'

const root = join(import.meta.dirname, '..')
const windows = process.platform === 'win32'
const port = Number(process.env.PORT || 4000)
if (!Number.isInteger(port) || port < 1 || port > 65_534) {
  process.stderr.write('PORT must be an integer from 1 to 65534; the server uses the next port.\n')
  process.exit(1)
}

const { status } = spawnSync('npm', ['run', '-s', 'codegen'], { cwd: root, stdio: 'inherit', shell: windows })
if (status !== 0) process.exit(status ?? 1)

const resolveFrom = (/** @type {string} */ workspace) => createRequire(join(root, workspace, 'package.json')).resolve
const tsx = join(resolveFrom('server')('tsx/package.json'), '../dist/cli.mjs')
const vite = join(resolveFrom('client')('vite/package.json'), '../bin/vite.js')

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** In the order in which they stop: first Vite, so that no requests arrive while the server and its Postgres shut down. */
const children = /** @type {ChildProcess[]} */ ([])
let stopping = false

/**
 * @param {string} workspace
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
function start(workspace, args, env) {
  const child = spawn(process.execPath, args, {
    cwd: join(root, workspace),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    // Ctrl-C signals the terminal's whole process group at once, including Postgres. A separate group keeps the order.
    detached: !windows,
  })
  children.push(child)
  child.on('exit', (code) => stop(code ?? 1))
}

/** @param {number} code the exit code of this process; later calls are ignored */
async function stop(code) {
  if (stopping) return
  stopping = true
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await exited
  }
  process.exit(code)
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(0))

// tsx reads the tsconfig.json of its working directory; the entities need the one in server/.
const api = `http://127.0.0.1:${port + 1}`
start('client', [vite], { PORT: String(port), API_URL: api })
const main = ['src/main.ts', `--url=http://localhost:${port}`] // with the address to print
start('server', [tsx, 'watch', '--clear-screen=false', '--include=../schema.graphql', ...main], {
  PORT: String(port + 1),
  HOST: '127.0.0.1',
})
