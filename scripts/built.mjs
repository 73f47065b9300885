// @ts-check
// `npm run build` remembers what it was made from (`built.mjs remember`); `npm start` builds only when that has changed, so that
// a later start takes seconds.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stamp = 'server/dist/built-from'
const products = [stamp, 'server/dist/main.js', 'client/dist/lib/index.js', 'client/dist/app/index.html']

/** The files right in a folder, or in all folders below it too. @param {string} folder @param {boolean} recursive */
const filesIn = (folder, recursive) =>
  readdirSync(join(root, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()

/** A digest of every source: its path and its bytes. */
function digest() {
  const hash = createHash('sha256')
  const files = [
    ...['schema.graphql', 'codegen.ts', 'package.json', 'package-lock.json', 'tsconfig.json'],
    ...['server', 'client'].flatMap((folder) => filesIn(folder, false)),
    ...['server/src', 'client/src', 'client/public'].flatMap((folder) => filesIn(folder, true)),
  ]
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

if (process.argv[2] === 'remember') {
  writeFileSync(join(root, stamp), digest())
} else {
  const isBuilt = products.every((file) => existsSync(join(root, file)))
  if (!isBuilt || readFileSync(join(root, stamp), 'utf8') !== digest()) {
    const shell = process.platform === 'win32'
    process.exitCode = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit', shell }).status ?? 1
  }
}
