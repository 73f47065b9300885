// @ts-check
// `npm run build:lib`: compiles the library to ES modules (lib/) and to CommonJS (cjs/) in dist/ or the given folder, and
// copies the schema and a document beside that folder: tools that read files find `@silent-refresh/client/schema.graphql`.
// Further arguments are passed to the compiler.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const [folder = join(import.meta.dirname, 'dist'), ...options] = process.argv.slice(2)

await Promise.all([compile('lib'), compile('cjs')])
mkdirSync(join(folder, '../docs'), { recursive: true })
for (const file of ['schema.graphql', 'docs/cross-origin.md']) {
  copyFileSync(join(import.meta.dirname, '..', file), join(folder, '..', file))
}

// The package's own package.json says that its files are ES modules.
writeFileSync(join(folder, 'cjs/package.json'), '{ "type": "commonjs", "sideEffects": false }\n')

for (const path of files('lib')) {
  if (path.endsWith('.d.ts')) edit(path, nameJavaScript)
}
for (const path of files('cjs')) {
  if (path.endsWith('.d.ts')) edit(path, (code) => requireApollo(nameJavaScript(code)))
  if (path.endsWith('.js')) edit(path, requireApollo)
}

/** @param {string} format @returns {Promise<void>} */
function compile(format) {
  const config = join(import.meta.dirname, `tsconfig.${format}.json`)
  const args = ['-p', config, '--outDir', join(folder, format), ...options]
  const compiler = spawn(process.execPath, [tsc, ...args], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    compiler.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`tsc fails for ${format}.`))))
  })
}

/** TypeScript before 5.0 finds `./file.d.ts` by `./file.js` only. @param {string} code */
function nameJavaScript(code) {
  return code.replace(/(['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js')
}

/**
 * Node can import Apollo Client 3 only by its files (`…/core/index.js`), which are ES modules. CommonJS programs require
 * the folder (`…/core`), which has its own copy of all classes; we have to use the same copy.
 * @param {string} code
 */
function requireApollo(code) {
  return code.replace(/(['"]@apollo\/client\/[^'"]*)\/index\.js(?=['"])/g, '$1')
}

/** @param {string} format */
function files(format) {
  return readdirSync(join(folder, format), { recursive: true, encoding: 'utf8' }).map((file) =>
    join(folder, format, file),
  )
}

/** @param {string} path @param {(code: string) => string} change */
function edit(path, change) {
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}
