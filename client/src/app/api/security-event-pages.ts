import type { FieldPolicy, Reference } from '@apollo/client/core'

interface EventPages {
  edges: { node: Reference }[]
  pageInfo: object
}

/**
 * One list of security events in the cache, however it is asked for: the next page goes below what is there, and the newest
 * ones on top, so that a list which was read far down grows and does not begin again.
 */
export const eventPages: FieldPolicy<EventPages> = {
  keyArgs: false,
  merge(there, incoming, { args }) {
    if (there === undefined) return incoming
    if (args?.after) return { ...incoming, edges: [...there.edges, ...incoming.edges] }
    const known = new Set(there.edges.map(({ node }) => node.__ref))
    const news = incoming.edges.filter(({ node }) => !known.has(node.__ref))
    // Without one in common nobody knows what happened between the two.
    return news.length < incoming.edges.length ? { ...there, edges: [...news, ...there.edges] } : incoming
  },
}
