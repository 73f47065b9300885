import { parseArgs } from 'node:util'

export interface BenchArguments {
  /** The groups to run; all if empty. */
  readonly names: readonly string[]
  readonly quick: boolean
  /** Only writes the report of the stored results anew. */
  readonly report: boolean
  readonly help: boolean
}

const options = {
  quick: { type: 'boolean', default: false },
  report: { type: 'boolean', default: false },
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
  if (values.report && (values.quick || positionals.length > 0))
    throw new Error('--report measures nothing: use it alone.')
  return { names: positionals, ...values }
}

/** What `npm run bench -- --help` prints. @param groups the title of each, by its name */
export function usage(groups: Readonly<Record<string, { readonly title: string }>>): string {
  return `npm run bench [-- [group …] [options]]

Measures the given groups, or all of them, and writes the figures to bench/RESULTS.md.
A group that is not measured keeps its figures of an earlier run.

Groups
${Object.entries(groups)
  .map(([name, { title }]) => `  ${name.padEnd(10)}${title}`)
  .join('\n')}

Options
  --quick   Short rounds, to try whether everything runs. Prints figures that mean nothing, and writes none.
  --report  Measures nothing: writes bench/RESULTS.md anew from bench/results.json.
  --help    Prints this text.
`
}
