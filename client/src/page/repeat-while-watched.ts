/** When a task runs again. */
export interface Repetition {
  /** The pause before each call, in milliseconds; read again whenever the page is shown or back online. */
  readonly pauseMs: () => number
  /** True for tasks that send requests: they also pause while the device is offline, and run as soon as it is online. */
  readonly needsNetwork?: boolean
}

/** The events after which a page may be watched, or no longer watched. */
const CHANGES = ['online', 'offline', 'pageshow', 'pagehide'] as const

/**
 * Repeats `task` while somebody can see its effect: a hidden page runs no timer. A page that is shown again catches up at
 * once if a call was due in the meantime. Calls never overlap: the pause begins when a call has settled. A call that
 * throws or rejects is repeated like any other.
 * @returns how to stop.
 */
export function repeatWhileWatched(task: () => unknown, { pauseMs, needsNetwork = false }: Repetition): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastAt = performance.now()
  let isRunning = false
  let isStopped = false

  /** Sets the timer anew, or none while nobody watches. */
  function schedule(): void {
    clearTimeout(timer)
    const isWatched = document.visibilityState !== 'hidden' && !(needsNetwork && navigator.onLine === false)
    if (isStopped || isRunning || !isWatched) return
    timer = setTimeout(run, Math.max(0, lastAt + pauseMs() - performance.now()))
  }
  async function run(): Promise<void> {
    isRunning = true
    try {
      await task()
    } catch {
      // The task reports its own errors.
    }
    isRunning = false
    lastAt = performance.now()
    schedule()
  }
  function onChange({ type }: Event): void {
    // The network may be why the last call failed.
    if (needsNetwork && type === 'online') lastAt = Number.NEGATIVE_INFINITY
    schedule()
  }

  document.addEventListener('visibilitychange', onChange)
  for (const type of CHANGES) addEventListener(type, onChange)
  schedule()
  return () => {
    isStopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onChange)
    for (const type of CHANGES) removeEventListener(type, onChange)
  }
}

/** Waits `ms` milliseconds before the next attempt to connect, and until the page is visible and online. */
export function pauseUntilWatched(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = repeatWhileWatched(
      () => {
        stop()
        resolve()
      },
      { pauseMs: () => ms, needsNetwork: true },
    )
  })
}
