import { type Ref, watch } from 'vue'
import { isOutage, readProblem } from './error-info.ts'

/** Between two tries, in milliseconds. */
const PAUSE_MS = 5_000

/** Asks again for what an outage left without an answer, until there is one: the app's notice says that we keep trying. */
export function useRetry(error: Readonly<Ref<unknown>>, refetch: () => Promise<unknown> | undefined): void {
  watch(error, (now, _before, onCleanup) => {
    if (!now || !isOutage(readProblem(now))) return
    const timer = setTimeout(() => refetch()?.catch(() => {}), PAUSE_MS)
    onCleanup(() => clearTimeout(timer))
  })
}
