import type { ShedReason } from '../core/observer.ts'
import type { HashOptions } from '../core/password/password-hasher.ts'
import { ServiceUnavailableError } from '../errors.ts'

export interface JobQueue {
  /**
   * Does the work when a thread is free, in order of arrival. While both kinds wait, urgent jobs and others take turns, so
   * that neither kind can keep the other from being done. A job whose signal is aborted while it
   * waits is removed.
   * @throws ServiceUnavailableError if the job is shed; its work has then not begun.
   */
  run<T>(work: () => Promise<T>, options?: HashOptions): Promise<T>
  /** @throws ServiceUnavailableError if a job would be shed at once. */
  requireRoom(options?: HashOptions): void
  /** The number of jobs that have not started. */
  waiting(): number
}

/** The weight of the latest job in the moving average: about the last ten jobs count. */
const WEIGHT_OF_LATEST = 0.2

/**
 * A queue bounded by time, because a number of jobs says nothing about how long they take on a busy machine. A job whose
 * expected wait is longer than `maxWaitMs` is shed immediately, and one that has waited that long is shed then. A job that
 * finds nobody waiting is always accepted, so a single slow job cannot close the queue for good.
 */
export function createJobQueue(options: {
  readonly maxThreads: number
  readonly maxWaitMs: number
  readonly onShed?: (reason: ShedReason) => void
  /** Milliseconds on a clock that is never set back. @default performance.now */
  readonly now?: () => number
}): JobQueue {
  const { maxThreads, maxWaitMs, onShed, now = () => performance.now() } = options
  // In order of arrival. Sets, because jobs can leave from anywhere.
  const urgent = new Set<() => void>()
  const others = new Set<() => void>()
  let running = 0
  let averageMs: number | undefined
  let wasUrgent = false

  function startNext(): void {
    while (running < maxThreads) {
      const isUrgent = urgent.size > 0 && (others.size === 0 || !wasUrgent)
      const [start] = isUrgent ? urgent : others
      if (start === undefined) return
      wasUrgent = isUrgent
      running += 1
      start()
    }
  }

  function expectedWaitMs(isUrgent: boolean): number {
    const [own, rest] = isUrgent ? [urgent.size, others.size] : [others.size, urgent.size]
    const ahead = own + Math.min(own + 1, rest)
    return (ahead * (averageMs ?? 0)) / maxThreads
  }

  /** Resolves when a thread is reserved for the caller. */
  function turn({ isUrgent = false, signal }: HashOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = isUrgent ? urgent : others
      const shed = (reason: ShedReason, cause?: Error) => {
        leave()
        onShed?.(reason)
        reject(new ServiceUnavailableError(cause)) // without a cause, it is not logged as a failure
      }
      const onAbort = () => shed('disconnected')
      const onTimeout = () => shed('waited_too_long', new Error(`A password waited ${maxWaitMs} ms for a thread.`))
      const start = () => {
        leave()
        resolve()
      }
      let timer: NodeJS.Timeout | undefined
      function leave(): void {
        line.delete(start)
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }

      if (signal?.aborted) return onAbort()
      const expectedMs = expectedWaitMs(isUrgent)
      if (expectedMs > maxWaitMs) return shed('queue_full', tooLong(expectedMs))
      timer = setTimeout(onTimeout, maxWaitMs)
      signal?.addEventListener('abort', onAbort)
      line.add(start)
      startNext()
    })
  }

  return {
    async run(work, jobOptions = {}) {
      await turn(jobOptions)
      const startMs = now()
      try {
        const result = await work()
        const tookMs = now() - startMs
        averageMs = averageMs === undefined ? tookMs : averageMs + (tookMs - averageMs) * WEIGHT_OF_LATEST
        return result
      } finally {
        running -= 1
        startNext()
      }
    },
    requireRoom({ isUrgent = false } = {}) {
      const expectedMs = expectedWaitMs(isUrgent)
      if (expectedMs <= maxWaitMs) return
      onShed?.('queue_full')
      throw new ServiceUnavailableError(tooLong(expectedMs))
    },
    waiting: () => urgent.size + others.size,
  }
}

const tooLong = (expectedMs: number) => new Error(`A password would wait ${Math.round(expectedMs)} ms for a thread.`)
