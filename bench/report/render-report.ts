import { withGoals } from './goal.ts'
import { introduction } from './introduction.ts'
import type { Presentation, Presentations } from './presentation.ts'
import type { Result, Results } from './result.ts'
import type { Section, Table } from './section.ts'
import { wrap } from './wrap.ts'

/** The report in Markdown, with the chapters in the order of the presentations. */
export function renderReport(results: Results, presentations: Presentations): string {
  const chapters = Object.entries(presentations).flatMap(([name, presentation]) => {
    const result = results[name]
    return result === undefined ? [] : [renderResult(name, result, presentation)]
  })
  return [introduction(results), ...chapters].join('\n')
}

function renderResult(name: string, { section, environment, seconds }: Result, presentation: Presentation): string {
  const { date, commit, machine, node, packages } = environment
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  const where = `Measured ${date} at ${commit}, on ${machine}; Node ${node}, ${versions.join(', ')}.`
  return `${renderSection(section, presentation)}
${wrap(`*${where} \`npm run bench -- ${name}\` took ${Math.round(seconds)} s.*`)}
`
}

/** A chapter without the date and the machine. */
export function renderSection(section: Section, { goals = [], notes, show, remarks }: Presentation): string {
  const { title, tables: measured, circumstances = [] } = section
  const tables = (show?.(measured) ?? measured).map((table) => withGoals(table, goals))
  return render(title, tables, [...(remarks?.(measured) ?? []), ...notes, ...circumstances])
}

/** What `--quick` prints: without goals, and without notes, which describe a full run. */
export function renderQuickSection({ title, tables, circumstances = [] }: Section): string {
  const warning = `A quick run of “${title}” only shows that the benchmark works. Its figures mean nothing.`
  return `${wrap(warning)}\n\n${render(title, tables, circumstances)}`
}

function render(title: string, tables: readonly Table[], paragraphs: readonly string[]): string {
  return `${[`## ${title}`, ...tables.map(renderTable), ...paragraphs.map((text) => wrap(text))].join('\n\n')}\n`
}

function renderTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const alignment = columns.map((_, index) => (index === 0 ? '---' : '---:'))
  const table = [line(columns), line(alignment), ...rows.map(line)].join('\n')
  return title === undefined ? table : `### ${title}\n\n${table}`
}
