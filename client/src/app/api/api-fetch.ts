export const API_URL = '/graphql'

/** Sends every request to the API, by the browser's `fetch` unless it has been replaced. */
export const apiFetch: typeof fetch = (input, init) => current(input, init)

/** Sends requests by `replacement`, so that the inspector can simulate faults. @returns a function that undoes it. */
export function replaceApiFetch(replacement: typeof fetch): () => void {
  const previous = current
  current = replacement
  return () => {
    current = previous
  }
}

let current: typeof fetch = fetch
