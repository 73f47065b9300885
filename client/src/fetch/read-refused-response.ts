import { didRun, type IsUnauthenticated, type Refusal, readRefusal } from '../transport/graphql-errors.ts'

/** How the app reads answers. Both may leave the decision to the default with `undefined`. */
export interface RefusalOptions {
  readonly isUnauthenticated?: IsUnauthenticated | undefined
  readonly isRefused?: ((response: Response) => boolean | undefined | Promise<boolean | undefined>) | undefined
}
/** Only these are complete documents. Streams of JSON records, events and parts have other types and pass unread. */
const JSON_TYPES = ['application/json', 'application/graphql-response+json']

/**
 * Whether a response refuses the access token; `didRun` when it contains data, so that sending a mutation again would run it
 * twice. Leaves the response unread for the caller.
 * @see PROTOCOL.md C4, C10
 */
export async function readRefusedResponse(
  response: Response,
  options: RefusalOptions,
): Promise<(Refusal & { readonly didRun: boolean }) | undefined> {
  const { status, headers } = response
  const copy = options.isRefused && response.clone()
  const own = copy && (await options.isRefused?.(copy))
  if (copy) drop(copy)
  if (own === false) return undefined
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const text = JSON_TYPES.includes(type) ? await response.clone().text() : ''
  const challenge = headers.get('www-authenticate')
  // Parsed only if it can be a refusal, because the caller parses it again. A batch has an answer for each operation.
  const bodies = status === 401 || own || text.includes('"errors"') ? parse(text) : [undefined]
  const refusals = bodies.map((body) => readRefusal({ status, challenge, body }, options.isUnauthenticated))
  const refusal = refusals.find((one) => one) ?? (own ? { reason: undefined } : undefined)
  return refusal && { ...refusal, didRun: bodies.some((body) => didRun((body as { data?: unknown } | null)?.data)) }
}

/** Releases the connection of a response that nobody reads. Bodies are missing or of other classes in some runtimes. */
export const drop = ({ body }: Response): void => void body?.cancel?.()?.catch(() => {})

function parse(text: string): unknown[] {
  try {
    return [JSON.parse(text)].flat()
  } catch {
    return [undefined]
  }
}
