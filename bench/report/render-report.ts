import type { Result, Results } from './result.ts'
import type { Section, Table } from './section.ts'

const introduction = `# Measured speed

\`npm run bench\` writes this file; do not edit it. Absolute figures depend on the machine. The ratios compare rounds that
took turns in one run, so they depend on it far less.
`

/** The report in Markdown. @param order the names of the groups, as the chapters follow each other */
export function renderReport(results: Results, order: readonly string[]): string {
  const chapters = order.flatMap((name) => {
    const result = results[name]
    return result === undefined ? [] : [renderResult(name, result)]
  })
  return `${[introduction, ...chapters].join('\n')}`
}

function renderResult(name: string, { section, environment, seconds }: Result): string {
  const { date, commit, machine, node, packages } = environment
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  const where = `Measured ${date} at ${commit}, on ${machine}; Node ${node}, ${versions.join(', ')}.`
  return `${renderSection(section)}
${wrap(`*${where} \`npm run bench -- ${name}\` took ${Math.round(seconds)} s.*`)}
`
}

/** A chapter without the circumstances in which it was measured. */
export function renderSection({ title, notes, tables }: Section): string {
  const paragraphs = [`## ${title}`, ...tables.map(renderTable), ...notes.map((note) => wrap(note))]
  return `${paragraphs.join('\n\n')}\n`
}

function renderTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const alignment = columns.map((_, index) => (index === 0 ? '---' : '---:'))
  const table = [line(columns), line(alignment), ...rows.map(line)].join('\n')
  return title === undefined ? table : `### ${title}\n\n${table}`
}

/** Breaks a paragraph into lines of at most 120 characters. */
function wrap(text: string, width = 120): string {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(/\s+/)) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current].join('\n')
}
