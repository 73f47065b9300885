/** How late the event loop of a server was since it was last asked, in milliseconds. */
export interface EventLoopDelay {
  readonly meanMs: number
  readonly p99Ms: number
}

/** Reads the metrics of a server, which then start anew. */
export async function eventLoopDelay(url: string): Promise<EventLoopDelay> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN) * 1_000
  return { meanMs: read('nodejs_eventloop_lag_mean_seconds'), p99Ms: read('nodejs_eventloop_lag_p99_seconds') }
}
