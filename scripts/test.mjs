// @ts-check
// Runs all checks and tests. The last line is `N passed, N failed`; a step without test cases counts as one.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEngines } from './find-engines.mjs'

const results = mkdtempSync(join(tmpdir(), 'silent-refresh-results-'))
const jestResults = join(results, 'jest.json')
const playwrightResults = join(results, 'playwright.json')
const engineResults = join(results, 'engines.json')
process.env.E2E_JSON = playwrightResults
process.env.ENGINES_JSON = engineResults
const total = { passed: 0, failed: 0 }
const failures = /** @type {string[]} */ ([])

/**
 * @param {string} name
 * @param {string[]} command
 * @returns {Promise<boolean>} whether it succeeded
 */
function run(name, command) {
  const started = Date.now()
  return new Promise((resolve) => {
    let output = ''
    const [program = '', ...args] = command
    const child = spawn(program, args, { shell: process.platform === 'win32' })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => (output += error))
    child.on('close', (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`)
      if (code !== 0) process.stdout.write(`${output}\n`)
      resolve(code === 0)
    })
  })
}

/** @param {string} name @param {string[]} command */
async function step(name, command) {
  const ok = await run(name, command)
  count(name, ok ? 1 : 0, ok ? 0 : 1)
  return ok
}

/** @param {string} name @param {number} passed @param {number} failed */
function count(name, passed, failed) {
  total.passed += passed
  total.failed += failed
  if (failed > 0) failures.push(`${name}: ${failed} failed`)
}

/**
 * Runs a test runner and adds the counts in its report. A runner that crashed without a report counts as one failure.
 * @param {string} name @param {string[]} command @param {string} file @param {(report: any) => [number, number]} read
 */
async function runTests(name, command, file, read) {
  const ok = await run(name, command)
  let [passed, failed] = [0, 1]
  try {
    ;[passed, failed] = read(JSON.parse(readFileSync(file, 'utf8')))
    if (passed + failed === 0 || (!ok && failed === 0)) failed += 1
  } catch {
    process.stdout.write(`${name} wrote no report.\n`)
  }
  count(name, passed, failed)
}

const npm = (/** @type {string[]} */ ...args) => ['npm', 'run', '-s', ...args]

/**
 * The titles of the tests that passed only when retried, from Playwright's report.
 * @typedef {{ specs?: { title: string, tests: { status: string }[] }[], suites?: Suite[] }} Suite
 * @param {Suite[]} suites @returns {string[]}
 */
const flakyIn = (suites) =>
  suites.flatMap(({ specs = [], suites: inner = [] }) => [
    ...specs.filter(({ tests }) => tests.some(({ status }) => status === 'flaky')).map(({ title }) => title),
    ...flakyIn(inner),
  ])

await step('generated code is up to date', npm('codegen:check'))
// The other static checks run beside the build and the tests that wait for sockets, processes and Postgres much of the time.
// The browser tests need all processors and run alone.
const checks = step('types', npm('typecheck')).then(() => step('lint', npm('lint')))
const built = await step('build', npm('build:code'))
const unitTests = npm('test:unit', '--', '--json', `--outputFile=${jestResults}`)
await runTests('unit and scenario tests', unitTests, jestResults, (report) => [
  report.numPassedTests,
  report.numFailedTests + report.numRuntimeErrorTestSuites,
])
await checks
/** @param {string} name @param {string} script @param {string} file */
const browserTests = (name, script, file) =>
  runTests(name, npm(script), file, ({ stats, suites }) => {
    for (const title of flakyIn(suites)) process.stdout.write(`passed only on the second attempt: ${title}\n`)
    return [stats.expected + stats.flaky, stats.unexpected]
  })

const { installed, missing } = findEngines()
if (built) {
  await browserTests('browser tests', 'test:e2e', playwrightResults)
  if (installed.length) await browserTests(`tests in ${installed.join(' and ')}`, 'test:engines', engineResults)
  for (const engine of missing) process.stdout.write(`- tests in ${engine} (skipped: it is not installed)\n`)
} else {
  count('browser tests (skipped: the build failed)', 0, 1)
}

rmSync(results, { recursive: true })
for (const failure of failures) process.stdout.write(`${failure}\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1
