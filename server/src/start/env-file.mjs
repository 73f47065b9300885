// @ts-check
// Plain JavaScript, because Node loads it before everything else, and `npm run dev` without a build.
import { readFileSync } from 'node:fs'

/**
 * Sets the variables of a `.env` file that the environment does not have. Without the file, it does nothing.
 * @param {string} file
 * @param {Record<string, string | undefined>} [env]
 * @throws {Error} when the file cannot be read or understood; the message names the lines, never their content.
 */
export function loadEnvFile(file, env = process.env) {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === 'ENOENT') return
    throw new Error(`${file} cannot be read: ${message}`)
  }
  const { values, problems } = parseEnvFile(text)
  if (problems.length > 0) throw new Error(`${file} is not valid: ${problems.join('; ')}.`)
  for (const [name, value] of Object.entries(values)) env[name] ??= value
}

/**
 * Reads a `.env` file as Docker Compose does, so that one file serves both. Node's own parser takes a line without `=` for a
 * part of the next name, and ends a value at every `#`. What Compose would substitute is refused instead of read differently.
 * @param {string} text
 */
export function parseEnvFile(text) {
  /** @type {Record<string, string>} */
  const values = {}
  /** @type {string[]} */
  const problems = []
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? []
    const read = name === undefined ? { problem: 'must have the form NAME=value' } : parseValue(value)
    if ('problem' in read) problems.push(`line ${index + 1} ${read.problem}`)
    else if (name !== undefined) values[name] = read.value
  }
  return { values, problems }
}

/** @param {string} text what follows the equals sign @returns {{ value: string } | { problem: string }} */
function parseValue(text) {
  const [, quoted, rest = ''] = /^\s*('[^']*'|"(?:[^"\\]|\\.)*")(.*)$/.exec(text) ?? []
  if (quoted === undefined && /^\s*["']/.test(text)) return { problem: 'has a quote that is not closed' }
  if (!/^\s*(#|$)/.test(rest)) return { problem: 'has text after the closing quote' }
  if (quoted?.startsWith("'")) return { value: quoted.slice(1, -1) }
  const double = quoted?.slice(1, -1)
  const value = double ?? text.replace(/\s#.*$/, '').trim()
  if (value.includes('$')) return { problem: 'contains "$": put its value in single quotes' }
  return { value: double === undefined ? value : value.replace(/\\(.)/g, (_, letter) => escapes[letter] ?? letter) }
}

/** @type {Record<string, string>} */
const escapes = { n: '\n', r: '\r', t: '\t' }
