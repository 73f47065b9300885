import { median } from '../../server/test/support/median.ts'

/** The median of some figures; NaN when there are none. */
export const medianOf = (figures: readonly number[]): number => (figures.length === 0 ? Number.NaN : median(figures))

/** A percentile by the nearest rank. @param share from 0 to 1 */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** A figure for a table, with a dash for an unknown one. */
const figure = (value: number, digits: number, unit = ''): string =>
  Number.isFinite(value)
    ? `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`
    : '–'

export const rate = (perSecond: number): string => figure(perSecond, perSecond < 100 ? 1 : 0)
export const milliseconds = (ms: number): string => figure(ms, ms < 10 ? 2 : 0, ' ms')
export const microseconds = (us: number): string => figure(us, us < 10 ? 1 : 0, ' µs')
export const percent = (share: number): string => figure(share * 100, 0, ' %')
export const ratio = (value: number): string => figure(value, 2)
export const megabytes = (bytes: number): string => figure(bytes / 2 ** 20, 1, ' MB')
export const whole = (value: number): string => figure(value, 0)
