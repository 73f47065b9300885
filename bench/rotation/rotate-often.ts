import { storeRotator } from './rotators.ts'
import type { SessionTable } from './sessions.ts'

/** Rotates random sessions as the server does, and closes its connections, which then report what they did. */
export async function rotateOften(
  table: SessionTable,
  url: string,
  { count, workers }: { readonly count: number; readonly workers: number },
): Promise<void> {
  const { rotateOne, close } = await storeRotator(table, url)
  try {
    const work = async (worker: number) => {
      for (let done = worker; done < count; done += workers) await rotateOne(worker, workers)
    }
    await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  } finally {
    await close()
  }
}
