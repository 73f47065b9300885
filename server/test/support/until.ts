import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until it is so; the test's own time-out is the only limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10)
}
