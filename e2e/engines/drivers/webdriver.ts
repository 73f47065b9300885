import { setTimeout as delay } from 'node:timers/promises'
import type { Tab } from './engine.ts'

/** The name that the standard gives to a reference to an element. @see https://www.w3.org/TR/webdriver2/#elements */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
const POLL_MS = 25

/** What a script left in the page. */
type Outcome = { readonly value: unknown } | { readonly error: string } | 'pending' | 'gone'

/** Sends one command. @returns its value @throws Error with the driver's error and message */
export type Send = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>

/** Sends commands to a driver at this address. @see https://www.w3.org/TR/webdriver2/#protocol */
export const commands =
  (address: string): Send =>
  async (method, path, body) => {
    const response = await fetch(address + path, { method, ...(body && { body: JSON.stringify(body) }) })
    const { value } = (await response.json()) as { value: { error: string; message: string } | null }
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`)
    return value
  }

/** The tabs of one session of the driver. */
export class Tabs {
  readonly #send: Send
  #isFirst = true
  #scripts = 0
  /** A session has one current tab, so each use of a tab waits for the one before. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param send sends a command to the session */
  constructor(send: Send) {
    this.#send = send
  }

  async open(url: string): Promise<Tab> {
    const handle = await this.#exclusively(() => this.#newHandle())
    const tab = this.#tab(handle)
    await tab.goTo(url)
    return tab
  }

  /** The session starts with one tab. */
  async #newHandle(): Promise<string> {
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (isFirst) return (await this.#send('GET', '/window')) as string
    return ((await this.#send('POST', '/window/new', { type: 'tab' })) as { handle: string }).handle
  }

  #tab(handle: string): Tab {
    const run = (method: 'GET' | 'POST', path: string, body: object) =>
      this.#exclusively(async () => {
        await this.#send('POST', '/window', { handle })
        return this.#send(method, path, body)
      })
    const find = async (selector: string) => {
      const element = await run('POST', '/element', { using: 'css selector', value: selector })
      return `/element/${(element as Record<string, string>)[ELEMENT]}`
    }
    return {
      goTo: async (url) => void (await run('POST', '/url', { url })),
      reload: async () => void (await run('POST', '/refresh', {})),
      evaluate: async <Argument, Result>(script: (argument: Argument) => Result, argument?: Argument) => {
        const execute = async (source: string, args: unknown[]) =>
          (await run('POST', '/execute/sync', { script: source, args })) as Outcome
        const id = this.#scripts++
        let outcome = await execute(startOf(script), [argument ?? null, id])
        while (outcome === 'pending') {
          await delay(POLL_MS)
          outcome = await execute(`return window.outcomes?.[arguments[0]] ?? 'gone'`, [id])
        }
        if (outcome === 'gone') throw new Error('The page was left before there was a result.')
        if ('error' in outcome) throw new Error(outcome.error)
        return outcome.value as Awaited<Result>
      },
      type: async (selector, text) => void (await run('POST', `${await find(selector)}/value`, { text })),
      click: async (selector) => void (await run('POST', `${await find(selector)}/click`, {})),
    }
  }

  #exclusively<Result>(use: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(use)
    this.#last = result.catch(() => {})
    return result
  }
}

/**
 * A script that runs a function. The driver would wait for a promise before it takes the next command, also for another
 * tab. So the page keeps the result, for later.
 */
// biome-ignore lint/complexity/noBannedTypes: any function that can be written as text
const startOf = (run: Function) => `
  const [argument, id] = arguments
  const outcomes = (window.outcomes ??= {})
  outcomes[id] = 'pending'
  const fail = (error) => { outcomes[id] = { error: String(error) } }
  const done = (value) => { outcomes[id] = { value: value ?? null } }
  try {
    const result = (${run})(argument)
    if (typeof result?.then === 'function') result.then(done, fail)
    else done(result)
  } catch (error) { fail(error) }
  return outcomes[id]`
