/**
 * Runs all steps one after the other, including those after a step that failed.
 * @throws the error of the step that failed, or an AggregateError when several did, after the last step.
 */
export async function tryAll(steps: Iterable<() => unknown>): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '))
}
