import { parseArgs } from 'node:util'

export interface BenchArguments {
  /** The groups to run; all if empty. */
  readonly names: readonly string[]
  readonly quick: boolean
  readonly help: boolean
}

const options = {
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/**
 * Reads the command line of `npm run bench`.
 * @param known the names of all groups
 * @throws Error when it contains an unknown option or group
 */
export function readArguments(args: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const unknown = positionals.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`Unknown group ${unknown.join(', ')}; there are ${known.join(', ')}.`)
  return { names: positionals, ...values }
}

/** What `npm run bench -- --help` prints. @param groups each with its title */
export function usage(groups: readonly { readonly name: string; readonly title: string }[]): string {
  return `npm run bench [-- [group …] [options]]

Measures the given groups, or all of them, and writes the figures to bench/RESULTS.md.
A group that is not measured keeps its figures of an earlier run.

Groups
${groups.map(({ name, title }) => `  ${name.padEnd(10)}${title}`).join('\n')}

Options
  --quick   Short rounds, to try whether everything runs. Prints the report instead of writing it.
  --help    Prints this text.
`
}
