/** What the JSON body of a GraphQL request reveals. */
export interface GraphqlRequest {
  readonly isMutation: boolean
  readonly operationName: string | undefined
  readonly rootFields: readonly string[]
}

/** Reads a GraphQL request from the text of its body; undefined for everything else (REST, uploads, batches). */
export function readGraphqlRequest(text: string | undefined): GraphqlRequest | undefined {
  if (!text?.startsWith('{')) return undefined
  try {
    const { query, operationName } = JSON.parse(text) as { query?: unknown; operationName?: unknown }
    if (typeof query !== 'string') return undefined
    return { ...readDocument(query), operationName: typeof operationName === 'string' ? operationName : undefined }
  } catch {
    return undefined
  }
}

/** Names, aliases, brackets, strings and comments; everything else is skipped. */
const TOKENS = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|#[^\n]*|\.\.\.|[{}()[\]:@]|[_A-Za-z]\w*/g

/**
 * Whether any definition is a mutation, and the root fields of all operations, without their aliases. A spread at the root
 * counts as a field named `...`, so that an operation with fragments never passes for one with only public fields.
 */
function readDocument(query: string): Pick<GraphqlRequest, 'isMutation' | 'rootFields'> {
  const fields: string[] = []
  let isMutation = false
  let definition = ''
  let depth = 0
  let inArguments = 0
  let previous = ''
  for (const [token] of query.matchAll(TOKENS)) {
    if (token.startsWith('#')) continue
    if (depth === 0 && (previous === '' || previous === '}')) definition = token
    const isRoot = depth === 1 && definition !== 'fragment'
    if (token === '(' || token === '[') inArguments++
    else if (token === ')' || token === ']') inArguments--
    else if (inArguments > 0) continue
    else if (token === '{') depth++
    else if (token === '}') depth--
    else if (depth === 0) isMutation ||= definition === 'mutation'
    else if (isRoot && token === ':') fields.pop()
    else if (isRoot && token === '...') fields.push(token)
    else if (isRoot && /^\w/.test(token) && previous !== '@') fields.push(token)
    previous = token
  }
  return { isMutation, rootFields: fields }
}
