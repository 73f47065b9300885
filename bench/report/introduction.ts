import type { Results } from './result.ts'
import { wrap } from './wrap.ts'

/** The version that README.md recommends. */
export const RECOMMENDED_NODE = 24

/** What a reader has to know before any figure, as far as it follows from the results. */
export function introduction(results: Results): string {
  const paragraphs = [
    '`npm run bench` writes this file; do not edit it.',
    `Absolute figures depend on the machine, and on what else it does: each is the median of a few rounds, and other work ran
    on the machine at times. The ratios compare rounds that took turns in one run, so they depend on it far less. Measure on
    your own machine before you rely on a figure.`,
    `The goals are the project's own. They were set before the work on speed began, and nothing enforces them.
    Each is marked as met or **missed**, and the reason follows where the figures show one.`,
    ...circumstances(results),
  ]
  return `# Measured speed\n\n${paragraphs.map((text) => wrap(text)).join('\n\n')}\n`
}

/** Which versions were measured. */
function circumstances(results: Results): string[] {
  const groups = Object.entries(results)
  const commits = groupBy(groups, ([, { environment }]) => environment.commit)
  const versions = [...groupBy(groups, ([, { environment }]) => environment.node).keys()]
  const others = versions.filter((version) => !version.startsWith(`v${RECOMMENDED_NODE}.`))
  return [
    ...(commits.size > 1 || [...commits.keys()].some((commit) => commit.includes('uncommitted'))
      ? [
          `The groups were not all measured at one clean commit, so figures of different chapters may be of different code:
          ${[...commits].map(([commit, members]) => `${commit} (${members.map(([name]) => name).join(', ')})`).join('; ')}.`,
        ]
      : []),
    ...(others.length > 0
      ? [
          `Measured on Node ${others.join(', ')}; README.md recommends Node ${RECOMMENDED_NODE}, on which figures may
      differ.`,
        ]
      : []),
  ]
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
