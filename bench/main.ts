import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type BenchArguments, readArguments, usage } from './arguments.ts'
import { presentations } from './presentations.ts'
import { releaseAll } from './processes/clean-up.ts'
import { readEnvironment } from './report/environment.ts'
import type { Group, RunOptions } from './report/group.ts'
import { renderQuickSection, renderSection } from './report/render-report.ts'
import { readResults, writeReport, writeResults } from './report/results.ts'
import type { Section } from './report/section.ts'

type Name = keyof typeof presentations

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const root = join(import.meta.dirname, '..')

/** A group that fails is reported as such, so that the others still run. */
async function sectionOf(group: Group, options: RunOptions): Promise<Section> {
  try {
    return await group.run(options)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    say(text)
    process.exitCode = 1
    return { title: group.title, circumstances: [`Failed: ${text.split('\n')[0]}`], tables: [] }
  } finally {
    await releaseAll()
  }
}

/** @throws Error of the command line, for which the exit code is then 2 */
function readCommandLine(): BenchArguments {
  try {
    return readArguments(process.argv.slice(2), Object.keys(presentations))
  } catch (error) {
    process.exitCode = 2
    throw error
  }
}

async function main(): Promise<void> {
  const args = readCommandLine()
  if (args.help) return say(usage(presentations))
  if (args.report) return writeReport(readResults(), presentations)
  const { status } = spawnSync(process.execPath, ['scripts/build-if-stale.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('The build failed.')
  const environment = readEnvironment()
  // What measures is loaded only now, so that the command line is answered at once.
  const { groups } = await import('./groups.ts')
  for (const group of groups.filter(({ name }) => args.names.length === 0 || args.names.includes(name))) {
    say(`\n${group.title} …`)
    const since = performance.now()
    const section = await sectionOf(group, { quick: args.quick, progress: (line) => say(`  ${line}`) })
    const seconds = (performance.now() - since) / 1_000
    say(`\n${args.quick ? renderQuickSection(section) : renderSection(section, presentations[group.name as Name])}`)
    // After every group, so that nothing is lost when a later one is interrupted.
    if (!args.quick) writeResults({ ...readResults(), [group.name]: { environment, seconds, section } }, presentations)
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void releaseAll().finally(() => process.exit(1)))
}
await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode ??= 1
})
await releaseAll()
// What a failed group left open must not keep this process alive.
process.exit()
