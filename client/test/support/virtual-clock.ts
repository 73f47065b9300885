import type { Clock } from '../../src/session/index.ts'

/** How far time advances while real sockets get a few turns of the event loop. */
const STEP_MS = 10

/** A clock that stands still until a test advances it. */
export class VirtualClock implements Clock {
  /** A test that needs a wall clock sets it. */
  wallTime?: () => number
  #now = 0
  #timers: { at: number; task: () => void }[] = []

  now(): number {
    return this.#now
  }

  setTimer(task: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, task }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** The number of pending timers: there must be none after a session is disposed. */
  get pending(): number {
    return this.#timers.length
  }

  /** Advances the time, timer by timer, with everything that each of them triggers. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await settle()
    }
    this.#now = end
    await settle()
  }

  /** Advances the time until real sockets have made a condition true. Nothing really sleeps. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.advance(STEP_MS)
  }

  /** Advances the time until work over real sockets is done, through all its pauses and timeouts. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    await this.until(() => isDone)
    return work
  }

  /** The device sleeps: time passes but no timer runs. Due timers run at the next `advance`. */
  sleep(ms: number): void {
    this.#now += ms
  }
}

/** Lets all promises settle that can. No time passes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
