import { z } from 'zod'

/** What is notified on the channel `silent_refresh`, and what the log of revocations contains. */
export type FeedMessage = z.infer<typeof messageSchema>

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), id: z.string(), reason: z.string().nullish(), at: z.number().optional() }),
  z.object({ kind: z.literal('user'), id: z.string(), version: z.number() }),
  z.object({ kind: z.literal('profile'), id: z.string() }),
  z.object({ kind: z.literal('all'), issuedUpTo: z.number() }),
  z.object({ kind: z.literal('event'), id: z.string(), userId: z.string() }),
  z.object({ kind: z.literal('probe'), id: z.string() }),
])

/** Undefined for anything else: everyone who can connect to the database can send notifications. */
export function readMessage(payload: unknown): FeedMessage | undefined {
  return messageSchema.safeParse(typeof payload === 'string' ? parse(payload) : payload).data
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return null
  }
}
