import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { broadcastChannel } from '../src/index.ts'

const NAME = 'mine'

/** The window's events, which Node lacks. */
let page: EventTarget
const real = globalThis.BroadcastChannel

beforeEach(() => {
  page = new EventTarget()
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
})
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'addEventListener')
  Reflect.deleteProperty(globalThis, 'removeEventListener')
  globalThis.BroadcastChannel = real
})

/** Node's BroadcastChannel, as another tab has it. */
async function withOtherTab(run: (other: BroadcastChannel, heard: unknown[]) => Promise<void>): Promise<void> {
  const other = new BroadcastChannel(NAME)
  const heard: unknown[] = []
  other.onmessage = (event) => void heard.push((event as MessageEvent).data)
  try {
    await run(other, heard)
  } finally {
    other.close()
  }
}

/** More turns of the event loop than a message needs. */
const MAX_TURNS = 10_000

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > MAX_TURNS) throw new Error('The message did not arrive.')
    await setImmediate()
  }
}

describe('C12: BroadcastChannel', () => {
  it('C12: hears nothing while the page is in the back/forward cache, and everything afterwards', () =>
    withOtherTab(async (other, heard) => {
      const messages: unknown[] = []
      const channel = broadcastChannel(NAME)
      const stop = channel?.subscribe((message) => messages.push(message))
      page.dispatchEvent(new Event('pageshow'))
      other.postMessage('before')
      await until(() => messages.length === 1)
      page.dispatchEvent(new Event('pagehide'))
      other.postMessage('meanwhile')
      page.dispatchEvent(new Event('pageshow'))
      other.postMessage('afterwards')
      await until(() => messages.length === 2)
      expect(messages).toEqual(['before', 'afterwards'])
      channel?.post('hello')
      await until(() => heard.length === 1)
      stop?.()
      page.dispatchEvent(new Event('pageshow'))
      other.postMessage('too late')
      channel?.post('goodbye')
      await until(() => heard.length === 2)
      expect(messages).toHaveLength(2)
    }))

  it('C12: a message of a page that is being left still goes out', () =>
    withOtherTab(async (_, heard) => {
      const channel = broadcastChannel(NAME)
      channel?.subscribe(() => {})
      page.dispatchEvent(new Event('pagehide'))
      channel?.post('signed out')
      await until(() => heard.length === 1)
      expect(heard).toEqual(['signed out'])
    }))

  it('C12: works without a channel when the page forbids it', () => {
    globalThis.BroadcastChannel = class {
      constructor() {
        throw new DOMException('forbidden', 'SecurityError')
      }
    } as unknown as typeof BroadcastChannel
    const channel = broadcastChannel(NAME)
    const stop = channel?.subscribe(() => {})
    channel?.post('hello')
    stop?.()
  })
})
