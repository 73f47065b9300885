/** What can be told of a GraphQL request from its JSON body. */
export interface GraphqlRequest {
  readonly isMutation: boolean
  readonly operationName: string | undefined
  readonly rootFields: readonly string[]
}

/** Reads a GraphQL request from the text of its body; undefined for everything else (REST, uploads, batches). */
export function readGraphql(text: string | undefined): GraphqlRequest | undefined {
  if (!text?.startsWith('{')) return undefined
  try {
    const { query, operationName } = JSON.parse(text) as { query?: unknown; operationName?: unknown }
    if (typeof query !== 'string') return undefined
    return {
      isMutation: /^[\s,]*(#.*\s+)*mutation\b/.test(query),
      operationName: typeof operationName === 'string' ? operationName : undefined,
      rootFields: rootFields(query),
    }
  } catch {
    return undefined
  }
}

/** Names, aliases, brackets and strings; comments and the rest are passed over. */
const TOKENS = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|#[^\n]*|\.\.\.|[{}()[\]:@]|[_A-Za-z]\w*/g

/**
 * The fields at the first level of the query, without their aliases. A spread counts as a field named `...`, so that
 * an operation with fragments, or with several definitions, never passes for one of public fields alone.
 */
export function rootFields(query: string): string[] {
  const fields: string[] = []
  let depth = 0
  let inArguments = 0
  let previous = ''
  for (const [token] of query.matchAll(TOKENS)) {
    if (token === '(' || token === '[') inArguments++
    else if (token === ')' || token === ']') inArguments--
    else if (inArguments > 0) continue
    else if (token === '{') depth++
    else if (token === '}') depth--
    else if (depth === 1 && token === ':') fields.pop()
    else if (depth === 1 && token === '...') fields.push(token)
    else if (depth === 1 && /^\w/.test(token) && previous !== '@') fields.push(token)
    previous = token
  }
  return fields
}
