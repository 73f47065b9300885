import type { IncomingMessage } from 'node:http'

/** A host that may be part of a policy. Policies cannot contain IPv6 addresses. */
const plainHost = /^[a-z\d.-]+(:\d{1,5})?$/i

/** Safari before 15.4 does not apply 'self' to sockets, so the host is named too. */
const ownHost = ({ headers: { host = '' } }: IncomingMessage) =>
  plainHost.test(host) ? `'self' ws://${host} wss://${host}` : "'self'"

/** The directives for our pages: they load from and connect to nothing but their own host. */
export const contentSecurityPolicy = {
  defaultSrc: ["'self'"],
  // Naive UI and the playground's editor insert styles at run time.
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'", 'data:'],
  imgSrc: ["'self'", 'data:'],
  workerSrc: ["'self'", 'blob:'],
  connectSrc: [ownHost],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}
