// @ts-check
// `npm start` runs `npm run build` only if the sources have changed since the last build, which recorded their digest
// (`build-if-stale.mjs record`).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stamp = 'server/dist/built-from'
const products = [stamp, 'server/dist/main.js', 'client/dist/lib/index.js', 'client/dist/app/index.html']

/** The files of a folder. @param {string} folder @param {{ recursive: boolean }} options */
const filesIn = (folder, { recursive }) =>
  readdirSync(join(root, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()

/** A digest of the paths and contents of all sources. */
function digest() {
  const hash = createHash('sha256')
  const files = [
    ...['schema.graphql', 'codegen.ts', 'package.json', 'package-lock.json', 'tsconfig.json'],
    ...['server', 'client'].flatMap((folder) => filesIn(folder, { recursive: false })),
    ...['server/src', 'client/src', 'client/public'].flatMap((folder) => filesIn(folder, { recursive: true })),
  ]
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

if (process.argv[2] === 'record') {
  writeFileSync(join(root, stamp), digest())
} else {
  const isBuilt = products.every((file) => existsSync(join(root, file)))
  if (!isBuilt || readFileSync(join(root, stamp), 'utf8') !== digest()) {
    process.stdout.write('Building what has changed; the first time takes about a minute …\n')
    const options = /** @type {const} */ ({ cwd: root, shell: process.platform === 'win32', encoding: 'utf8' })
    const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'build'], options)
    // Only a failed build has something to say.
    if (status !== 0) process.stderr.write(`${stdout}${stderr}`)
    process.exitCode = status ?? 1
  }
}
