import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Forwards connections to a real server, and can be stopped and started, so that for browsers the server goes away. */
export class BreakableServer {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  /** @param target the origin of the server. */
  constructor(target: string) {
    this.#target = new URL(target)
  }

  get origin(): string {
    return `http://localhost:${this.#port}`
  }

  async start(): Promise<void> {
    const { hostname, port } = this.#target
    const server = createServer((incoming) => {
      const outgoing = connect(Number(port), hostname)
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        this.#sockets.add(from)
        from.pipe(to)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
      }
    })
    await new Promise<void>((resolve) => server.listen(this.#port, 'localhost', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** From now on, connections are refused. Open ones are cut. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<unknown>((resolve) => (this.#server ? this.#server.close(resolve) : resolve(null)))
    this.#server = undefined
  }
}
