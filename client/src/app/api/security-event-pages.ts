import type { FieldPolicy, Reference } from '@apollo/client/core'

interface EventPages {
  edges: { node: Reference }[]
  pageInfo: object
}

/**
 * Keeps one list of security events in the cache. The next page is appended and new events are prepended, so that a long
 * list grows instead of starting over.
 */
export const securityEventPages: FieldPolicy<EventPages> = {
  keyArgs: false,
  merge(existing, incoming, { args }) {
    if (existing === undefined) return incoming
    if (args?.after) return { ...incoming, edges: [...existing.edges, ...incoming.edges] }
    const known = new Set(existing.edges.map(({ node }) => node.__ref))
    const added = incoming.edges.filter(({ node }) => !known.has(node.__ref))
    // When the lists do not overlap, events between them may be missing: start over.
    return added.length < incoming.edges.length ? { ...existing, edges: [...added, ...existing.edges] } : incoming
  },
}
