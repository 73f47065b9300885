import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { pauseUntilWatched, repeatWhileWatched } from './repeat-while-watched.ts'

const SECOND_MS = 1_000

/** The page and the network, as browsers report them. */
function fakePage() {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const window = new EventTarget()
  const navigator = { onLine: true }
  const fakes = {
    document,
    navigator,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
  }
  for (const [name, value] of Object.entries(fakes))
    Object.defineProperty(globalThis, name, { value, configurable: true })
  return {
    show(isVisible: boolean) {
      document.visibilityState = isVisible ? 'visible' : 'hidden'
      document.dispatchEvent(new Event('visibilitychange'))
    },
    connect(isOnline: boolean) {
      navigator.onLine = isOnline
      window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'))
    },
  }
}

describe('repeatWhileWatched', () => {
  let page: ReturnType<typeof fakePage>
  let calls: number
  const count = () => {
    calls++
  }
  const seconds = (n: number) => jest.advanceTimersByTimeAsync(n * SECOND_MS)

  beforeEach(() => {
    jest.useFakeTimers()
    page = fakePage()
    calls = 0
  })
  afterEach(() => jest.useRealTimers())

  it('repeats the task, and runs no timer while the page is hidden', async () => {
    const stop = repeatWhileWatched(count, { pauseMs: () => SECOND_MS })
    await seconds(3)
    expect(calls).toBe(3)
    page.show(false)
    expect(jest.getTimerCount()).toBe(0)
    await seconds(60)
    expect(calls).toBe(3)
    stop()
  })

  it('catches up at once, by one call, when the page is shown again', async () => {
    const stop = repeatWhileWatched(count, { pauseMs: () => 10 * SECOND_MS })
    await seconds(4)
    page.show(false)
    await seconds(60)
    page.show(true)
    await seconds(0)
    expect(calls).toBe(1)
    await seconds(9)
    expect(calls).toBe(1)
    stop()
  })

  it('keeps to the pause when the page was hidden for a moment', async () => {
    const stop = repeatWhileWatched(count, { pauseMs: () => 10 * SECOND_MS })
    await seconds(4)
    page.show(false)
    await seconds(2)
    page.show(true)
    await seconds(3.9)
    expect(calls).toBe(0)
    await seconds(0.1)
    expect(calls).toBe(1)
    stop()
  })

  it('starts no timer in a page that was opened in the background', async () => {
    page.show(false)
    const stop = repeatWhileWatched(count, { pauseMs: () => SECOND_MS })
    expect(jest.getTimerCount()).toBe(0)
    page.show(true)
    await seconds(1)
    expect(calls).toBe(1)
    stop()
  })

  it('sends nothing while offline, and runs as soon as the device is online', async () => {
    const stops = [
      repeatWhileWatched(count, { pauseMs: () => 30 * SECOND_MS, needsNetwork: true }),
      repeatWhileWatched(() => {}, { pauseMs: () => 30 * SECOND_MS }),
    ]
    page.connect(false)
    expect(jest.getTimerCount()).toBe(1)
    await seconds(10)
    page.connect(true)
    await seconds(0)
    expect(calls).toBe(1)
    for (const stop of stops) stop()
  })

  it('does not run while another call is under way, and goes on after one that fails', async () => {
    const settle: (() => void)[] = []
    const slow = () => {
      calls++
      return new Promise<void>((_resolve, reject) => settle.push(() => reject(new Error('The server is down'))))
    }
    const stop = repeatWhileWatched(slow, { pauseMs: () => SECOND_MS })
    await seconds(1)
    page.show(false)
    page.show(true)
    await seconds(10)
    expect(calls).toBe(1)
    settle[0]?.()
    await seconds(1)
    expect(calls).toBe(2)
    stop()
  })

  it('stops for good, even during a call', async () => {
    const stop = repeatWhileWatched(() => stop(), { pauseMs: () => SECOND_MS })
    await seconds(1)
    page.show(false)
    page.show(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('delays an attempt to connect until the page is visible and online', async () => {
    let isOver = false
    void pauseUntilWatched(SECOND_MS).then(() => {
      isOver = true
    })
    page.show(false)
    page.connect(false)
    await seconds(60)
    page.show(true)
    await seconds(60)
    expect(isOver).toBe(false)
    page.connect(true)
    await seconds(0)
    expect(isOver).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })
})
