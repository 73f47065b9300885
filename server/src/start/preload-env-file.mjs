// @ts-check
// The npm scripts load it with `node --import`, before the program. Tests start the programs without it, so that a
// developer's `.env` cannot change their results.
import { join, resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { loadEnvFile } from './env-file.mjs'

// Threads inherit both the option and the variables.
if (isMainThread) {
  try {
    loadEnvFile(join(resolve(import.meta.dirname, '../../..'), '.env'))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  }
}
