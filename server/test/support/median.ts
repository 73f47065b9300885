/** The median of some figures. @throws Error when there are none */
export function median(figures: readonly number[]): number {
  const middle = [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)]
  if (middle === undefined) throw new Error('Cannot take the median of an empty list.')
  return middle
}
