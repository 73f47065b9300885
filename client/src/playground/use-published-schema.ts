import { buildSchema, type GraphQLSchema } from 'graphql'
import { useEffect, useState } from 'react'

/** How long the page waits for the published schema before it asks the API instead, in milliseconds. */
const TIMEOUT_MS = 5_000

/**
 * The schema that the server publishes, which does not depend on introspection. It is read again when the window gets
 * the focus, so that it follows a server that was restarted.
 * @param url null when the server does not publish it.
 * @returns as GraphiQL expects it: null while it is loading, undefined when GraphiQL has to ask the API.
 */
export function usePublishedSchema(url: string | null): GraphQLSchema | null | undefined {
  const [schema, setSchema] = useState<GraphQLSchema>()
  const [isLoading, setLoading] = useState(url !== null)
  useEffect(() => {
    if (url === null) return
    let current: string | undefined
    const load = async () => {
      try {
        const text = await loadText(url)
        // Another object would reset the documentation to its first page.
        if (text !== current) setSchema(buildSchema(text))
        current = text
      } catch {
        // The last schema is still good; without one, GraphiQL asks the API.
      }
      setLoading(false)
    }
    void load()
    addEventListener('focus', load)
    return () => removeEventListener('focus', load)
  }, [url])
  return schema ?? (isLoading ? null : undefined)
}

async function loadText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error('The schema is not there.')
  return response.text()
}
