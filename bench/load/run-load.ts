import { openConnection, type Response } from './connection.ts'

/** What one connection sends, one request after the other. */
export interface Client {
  /** The next request, as text. */
  next(): string
  /** Reads the response. @throws Error when it is not the expected one */
  read(response: Response): void
}

export interface Load {
  readonly perSecond: number
  readonly requests: number
  /** The time from each request to its response, in milliseconds. */
  readonly latenciesMs: readonly number[]
}

/**
 * Keeps every client busy for some time, each on a connection of its own.
 * @throws Error of the first client that got no response or an unexpected one
 */
export async function runLoad(url: string, clients: readonly Client[], durationMs: number): Promise<Load> {
  const connections = await Promise.all(clients.map(() => openConnection(url)))
  try {
    const latenciesMs: number[] = []
    let failure: unknown
    const start = performance.now()
    const work = async (client: Client, index: number) => {
      const connection = connections[index]
      if (connection === undefined) return
      for (let sent = start; sent - start < durationMs && failure === undefined; ) {
        client.read(await connection.send(client.next()))
        const received = performance.now()
        latenciesMs.push(received - sent)
        sent = received
      }
    }
    // Every response is awaited, because a client that missed one could not continue in the next round.
    await Promise.all(
      clients.map((client, index) =>
        work(client, index).catch((error: unknown) => {
          failure ??= error
        }),
      ),
    )
    const seconds = (performance.now() - start) / 1_000
    if (failure !== undefined) throw failure
    return { perSecond: latenciesMs.length / seconds, requests: latenciesMs.length, latenciesMs }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** A client that repeats one request and checks the responses. */
export function repeat(text: string, check: (response: Response) => void = expectSuccess): Client {
  return { next: () => text, read: check }
}

/** @throws Error for any status but 200, and for a GraphQL response with errors */
export function expectSuccess(response: Response): void {
  if (!isSuccess(response)) throw new Error(`${response.status}: ${response.body.toString().slice(0, 300)}`)
}

/** False for any status but 200, and for a GraphQL response with errors. */
export const isSuccess = ({ status, body }: Response): boolean => status === 200 && !body.includes('"errors":')
