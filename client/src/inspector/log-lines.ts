import type { Mark } from './record-session.ts'

/** One line of the log: consecutive marks of the same kind and name. */
export interface LogLine {
  readonly kind: Mark['kind']
  readonly label: string | undefined
  readonly count: number
  /** When the last mark ended, in milliseconds of the session's clock. */
  readonly at: number
  /** The shortest duration in milliseconds; 0 for marks without a duration. */
  readonly minMs: number
  readonly maxMs: number
}

/** Groups the marks into lines, newest first: 50 operations at once make one line. Token lifetimes are left out. */
export function logLines(marks: readonly Mark[], limit: number): LogLine[] {
  const lines: LogLine[] = []
  for (let index = marks.length - 1; index >= 0; index--) {
    const { kind, label, from, to } = marks[index] as Mark
    if (kind === 'token') continue
    const ms = to - from
    const last = lines.at(-1)
    if (last && last.kind === kind && last.label === label) {
      const [minMs, maxMs] = [Math.min(last.minMs, ms), Math.max(last.maxMs, ms)]
      lines[lines.length - 1] = { ...last, count: last.count + 1, minMs, maxMs }
    } else if (lines.length < limit) lines.push({ kind, label, count: 1, at: to, minMs: ms, maxMs: ms })
    else break
  }
  return lines
}

/** "Operation completed · Me · 50 × · 12–80 ms" */
export function formatLine({ label, count, minMs, maxMs }: LogLine, kind: string): string {
  const [min, max] = [minMs, maxMs].map((ms) => Math.max(1, Math.round(ms)))
  const duration = maxMs === 0 ? '' : min === max ? `${max} ms` : `${min}–${max} ms`
  return [kind, label, count > 1 ? `${count} ×` : '', duration].filter(Boolean).join(' · ')
}
