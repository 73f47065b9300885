/** The middle of some figures. @throws Error when there are none. */
export function median(figures: readonly number[]): number {
  const middle = [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)]
  if (middle === undefined) throw new Error('There is no median of nothing.')
  return middle
}
