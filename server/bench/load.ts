import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { median } from '../test/support/median.ts'
import type { Answer } from '../test/support/test-client.ts'

export const CONNECTIONS = 32
const ROUNDS = 3
const ROUND_MS = 1_500

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

/** One GraphQL operation over a connection that is kept: `fetch` would cost more than the server does. */
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

/** Does one thing once; `worker` tells those who do it at the same time apart. */
export type Task = (worker: number) => Promise<unknown>

/**
 * How often a second each of some tasks is done when 32 do it at once: the median of three rounds. The tasks take turns, so
 * that whatever else the machine does slows all alike.
 */
export async function perSecond<Name extends string>(tasks: Record<Name, Task>): Promise<Record<Name, number>> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, task] of Object.entries<Task>(tasks)) {
      const rate = await rateOf(task)
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), rate]) // the first one warms up
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

/** How long something takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
