// @ts-check
// Fails if the generated files are out of date with schema.graphql and the operations. Restores them afterwards.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const files = [
  'server/src/graphql/generated.ts',
  'client/src/graphql/generated.ts',
  ...['gql', 'graphql', 'index'].map((name) => `examples/clients/graphql/${name}.ts`),
]
const before = files.map((file) => readFileSync(file, 'utf8'))
execFileSync(process.execPath, ['node_modules/@graphql-codegen/cli/esm/bin.js', '--config', 'codegen.ts'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const stale = files.filter((file, index) => readFileSync(file, 'utf8') !== before[index])
for (const [index, file] of files.entries()) writeFileSync(file, before[index] ?? '')
if (stale.length > 0) {
  process.stderr.write(`Stale: ${stale.join(', ')}. Run "npm run codegen" and commit the result.\n`)
  process.exitCode = 1
}
