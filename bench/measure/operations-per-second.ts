/** Does one thing once; `worker` is the number of the concurrent worker that runs it. */
export type Task = (worker: number) => Promise<unknown>

/** How often per second some concurrent workers complete a task. @throws Error of the first worker that fails */
export async function operationsPerSecond(task: Task, workers: number, durationMs: number): Promise<number> {
  const start = performance.now()
  let done = 0
  const work = async (worker: number) => {
    for (; performance.now() - start < durationMs; done += 1) await task(worker)
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return (done * 1_000) / (performance.now() - start)
}

/** How long `work` takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
