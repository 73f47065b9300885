import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until the condition is true; the timeout of the test is the only limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10)
}
