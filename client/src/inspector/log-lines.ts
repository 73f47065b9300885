import type { Mark } from './record-session.ts'

/** One line of the log: marks of one kind and name that came one after the other. */
export interface LogLine {
  readonly kind: Mark['kind']
  readonly label: string | undefined
  readonly count: number
  /** When the last of them ended, in milliseconds of the session's clock. */
  readonly at: number
  /** The shortest and the longest of them, in milliseconds; both 0 for moments. */
  readonly least: number
  readonly most: number
}

/** The marks in words-to-be, newest first: fifty operations at once are one line. The token's own life is none. */
export function logLines(marks: readonly Mark[], limit: number): LogLine[] {
  const lines: LogLine[] = []
  for (let index = marks.length - 1; index >= 0; index--) {
    const { kind, label, from, to } = marks[index] as Mark
    if (kind === 'token') continue
    const ms = to - from
    const last = lines.at(-1)
    if (last && last.kind === kind && last.label === label) {
      const [least, most] = [Math.min(last.least, ms), Math.max(last.most, ms)]
      lines[lines.length - 1] = { ...last, count: last.count + 1, least, most }
    } else if (lines.length < limit) lines.push({ kind, label, count: 1, at: to, least: ms, most: ms })
    else break
  }
  return lines
}

/** "Operation answered · Me · 50 × · 12–80 ms" */
export function sayLine({ label, count, least, most }: LogLine, what: string): string {
  const [short, long] = [least, most].map((ms) => Math.max(1, Math.round(ms)))
  const took = most === 0 ? '' : short === long ? `${long} ms` : `${short}–${long} ms`
  return [what, label, count > 1 ? `${count} ×` : '', took].filter(Boolean).join(' · ')
}
