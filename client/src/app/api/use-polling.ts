import { onScopeDispose, watch } from 'vue'
import { repeatWhileWatched } from '../../page/repeat-while-watched.ts'
import { isOutage, readErrorInfo } from './error-info.ts'

/** The pause before a query that failed because of an outage is repeated, in milliseconds. */
export const RETRY_MS = 5_000

/** The longest pause while the server cannot be reached, in milliseconds. */
const MAX_PAUSE_MS = 30_000

/**
 * Calls `load` every `pauseMs` milliseconds while `isEnabled()` is true and the page is visible and online; a page that is
 * shown again catches up at once. While the server cannot be reached, each pause is twice as long as the last one, and a
 * server that asks to wait is not asked before.
 * @param load rejects when it fails; whoever shows the result also shows the error.
 */
export function usePolling(load: () => Promise<unknown> | undefined, pauseMs: number, isEnabled: () => boolean): void {
  let failures = 0
  let waitUntil = 0
  let stop = (): void => {}

  async function poll(): Promise<void> {
    if (performance.now() < waitUntil) return
    try {
      await load()
      failures = 0
    } catch (error) {
      const info = readErrorInfo(error)
      failures = isOutage(info) ? failures + 1 : 0
      waitUntil = performance.now() + (info.retryAfterSeconds ?? 0) * 1_000
    }
  }
  const nextPauseMs = () =>
    Math.max(Math.min(pauseMs * 2 ** failures, Math.max(pauseMs, MAX_PAUSE_MS)), waitUntil - performance.now())

  watch(
    isEnabled,
    (isOn) => {
      stop()
      failures = 0
      if (isOn) stop = repeatWhileWatched(poll, { pauseMs: nextPauseMs, needsNetwork: true })
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())
}
