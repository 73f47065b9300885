import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'

const schema = buildSchema('type Query { ok: Boolean } type Subscription { ticks: Int }')

/** A graphql-ws server that checks the token on connecting and closes with 4403 when it expires. */
export class SocketServer {
  /** Tokens received with `connection_init`, in order. */
  readonly tokens: unknown[] = []
  /** Whether it accepts a token. */
  accepts: (token: string | undefined) => boolean = () => true
  /** The number of active subscriptions. */
  running = 0
  #listeners = new Set<(tick: number) => void>()
  #last = 0
  readonly #server: WebSocketServer
  readonly #stop: { dispose(): void | Promise<void> }

  constructor() {
    this.#server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    this.#stop = useServer(
      {
        schema,
        roots: { subscription: { ticks: () => this.#ticks() } },
        onConnect: ({ connectionParams }) => {
          const token = String(connectionParams?.authorization ?? '').replace('Bearer ', '') || undefined
          this.tokens.push(token)
          return this.accepts(token)
        },
      },
      this.#server,
    )
  }

  async listening(): Promise<void> {
    if (!this.#server.address()) await new Promise((resolve) => this.#server.once('listening', resolve))
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get sockets(): WebSocket[] {
    return [...this.#server.clients]
  }

  tick(): void {
    this.#last++
    for (const listener of this.#listeners) listener(this.#last)
  }

  /** Expires the access tokens of all sockets. */
  expire(): void {
    for (const socket of this.sockets) socket.close(4403, 'Forbidden')
  }

  async close(): Promise<void> {
    await this.#stop.dispose()
  }

  /** Not a generator, because that cannot be ended while it waits for the next tick. */
  #ticks(): AsyncIterableIterator<{ ticks: number }> {
    const queue: number[] = []
    let give: ((result: IteratorResult<{ ticks: number }>) => void) | undefined
    const listener = (tick: number): void => {
      if (give) give({ value: { ticks: tick }, done: false })
      else queue.push(tick)
      give = undefined
    }
    this.#listeners.add(listener)
    this.running++
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      next: () => {
        const tick = queue.shift()
        if (tick !== undefined) return Promise.resolve({ value: { ticks: tick }, done: false })
        return new Promise((resolve) => {
          give = resolve
        })
      },
      return: () => {
        if (this.#listeners.delete(listener)) this.running--
        give?.({ value: undefined, done: true })
        return Promise.resolve({ value: undefined, done: true })
      },
    }
  }
}
