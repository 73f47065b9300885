// @ts-check
// Fails when the generated files are not those that schema.graphql and the operations make; leaves the tree as it was.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const files = ['server/src/graphql/generated.ts', 'client/src/graphql/generated.ts']
const before = files.map((file) => readFileSync(file, 'utf8'))
execFileSync(process.execPath, ['node_modules/@graphql-codegen/cli/esm/bin.js', '--config', 'codegen.ts'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const stale = files.filter((file, index) => readFileSync(file, 'utf8') !== before[index])
for (const [index, file] of files.entries()) writeFileSync(file, before[index] ?? '')
if (stale.length > 0) {
  process.stderr.write(`Stale: ${stale.join(', ')}. Run "npm run codegen" and commit what it writes.\n`)
  process.exitCode = 1
}
