import { PUBLIC_FIELDS } from '../transport/graphql-errors.ts'

/** What the JSON body of a GraphQL request reveals. */
export interface GraphqlRequest {
  /** Undefined when the document is not in it. */
  readonly isMutation: boolean | undefined
  readonly operationName: string | undefined
  readonly isPublic: boolean
}

/** Reads a GraphQL request or batch from the text of its body; undefined for everything else (REST, uploads). */
export function readGraphqlRequest(text: string | undefined): GraphqlRequest | undefined {
  if (!text || !/^\s*[{[]/.test(text)) return undefined
  try {
    const operations = [JSON.parse(text)].flat().map(readOperation)
    const [first] = operations
    if (!first || operations.length === 1) return first
    return operations.every((one) => one !== undefined)
      ? {
          isMutation: operations.some(({ isMutation }) => isMutation !== false),
          operationName: undefined,
          isPublic: operations.every(({ isPublic }) => isPublic),
        }
      : undefined
  } catch {
    return undefined
  }
}

function readOperation(operation: {
  query?: unknown
  operationName?: unknown
  extensions?: unknown
}): GraphqlRequest | undefined {
  const operationName = typeof operation.operationName === 'string' ? operation.operationName : undefined
  if (typeof operation.query === 'string') {
    const { isMutation, rootFields } = readDocument(operation.query)
    return { isMutation, operationName, isPublic: rootFields.every((field) => PUBLIC_FIELDS.includes(field)) }
  }
  if (operationName === undefined) return undefined
  // A persisted query: the server knows the document, and its name is all that is known here.
  const isPublic = PUBLIC_FIELDS.some((field) => field.toLowerCase() === operationName.toLowerCase())
  return { isMutation: undefined, operationName, isPublic }
}

/** Names, aliases, brackets, strings and comments; everything else is skipped. */
const TOKENS = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|#[^\n]*|\.\.\.|[{}()[\]:@]|[_A-Za-z]\w*/g

/**
 * Whether any definition is a mutation, and the root fields of all operations, without their aliases. A spread at the root
 * counts as a field named `...`, so that an operation with fragments never passes for one with only public fields.
 */
function readDocument(query: string): { isMutation: boolean; rootFields: string[] } {
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
