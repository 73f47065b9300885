import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { median } from '../test/support/median.ts'
import type { Answer } from '../test/support/test-client.ts'

export const CONNECTIONS = 32
const ROUNDS = 3
const ROUND_MS = 1_500

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

/** Sends one GraphQL operation over a keep-alive connection: `fetch` would cost more than the server does. */
export async function post(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  accessToken?: string,
): Promise<Answer['body']> {
  const body = JSON.stringify({ query, variables })
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    }
    request(`${url}/graphql`, { method: 'POST', agent, headers }, resolve).on('error', reject).end(body)
  })
  return JSON.parse(await text(response))
}

/** Does one thing once; `worker` is the number of the concurrent worker that runs it. */
export type Task = (worker: number) => Promise<unknown>

/**
 * How often per second 32 concurrent workers complete each task: the median of three rounds. The tasks take turns, so
 * that other load on the machine slows all of them alike.
 */
export async function perSecond<Name extends string>(tasks: Record<Name, Task>): Promise<Record<Name, number>> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, task] of Object.entries<Task>(tasks)) {
      const rate = await rateOf(task)
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), rate]) // the first round warms up
    }
  }
  return Object.fromEntries([...rates].map(([name, all]) => [name, median(all)])) as Record<Name, number>
}

async function rateOf(task: Task): Promise<number> {
  const start = performance.now()
  let done = 0
  const work = async (worker: number) => {
    for (; performance.now() - start < ROUND_MS; done += 1) await task(worker)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => work(worker)))
  return (done * 1_000) / (performance.now() - start)
}

/** How long `work` takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
