import type { Clock } from '../../src/session/index.ts'

/** How far time moves for each few turns of the event loop while real sockets work. */
const STEP_MS = 10

/** Time that stands still until a test lets it go on. */
export class VirtualClock implements Clock {
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

  /** How many timers wait: none may, after a session was disposed of. */
  get pending(): number {
    return this.#timers.length
  }

  /** Lets time go on, timer by timer, with everything that follows from each. */
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

  /** Lets time pass until a condition holds that real sockets bring about. Nobody really sleeps. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.advance(STEP_MS)
  }

  /** Lets time pass until work over real sockets is done: pauses and timeouts in it end without anybody sleeping. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    await this.until(() => isDone)
    return work
  }

  /** The device sleeps: time passes, and no timer runs. Those that are due run at the next `advance`. */
  sleep(ms: number): void {
    this.#now += ms
  }
}

/** Lets all promises that can go on go on. No time passes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
