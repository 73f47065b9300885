import { didRun, saysUnauthenticated } from '../transport/graphql-errors.ts'

/**
 * Whether a response means UNAUTHENTICATED, by HTTP 401 or in a GraphQL body; `didRun` when part of a mutation has data, so
 * that sending it again would run it twice. Leaves the response unread for the caller.
 * @see PROTOCOL.md C4, C10
 */
export async function isRefused(response: Response, isMutation: boolean): Promise<boolean | 'didRun'> {
  const { status, headers } = response
  // Only a complete JSON response is read. Event streams, multipart and files pass through unread.
  const isJson = /^application\/(json|graphql-response\+json)/.test(headers.get('content-type') ?? '')
  if (!isJson) return status === 401
  const text = await response.clone().text()
  if (status !== 401 && !text.includes('UNAUTHENTICATED')) return false
  try {
    // A batch has an answer for each operation.
    const answers = [JSON.parse(text)].flat() as ({ data?: unknown; errors?: unknown } | null)[]
    if (!answers.some((answer) => saysUnauthenticated(answer?.errors, status))) return false
    return isMutation && answers.some((answer) => didRun(answer?.data)) ? 'didRun' : true
  } catch {
    return status === 401
  }
}
