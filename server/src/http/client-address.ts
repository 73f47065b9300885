import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Origin } from '../core/model.ts'

const MAX_USER_AGENT_LENGTH = 512

/**
 * The client's network address without the port, as reported by the socket or a proxy; null when it is not an address. A
 * proxy may pass on anything.
 */
export function clientAddress(reported: string): string | null {
  if (isIP(reported)) return reported
  const bare = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(reported)
  const address = bare?.[1] ?? bare?.[2] ?? ''
  return isIP(address) ? address : null
}

/** Where a request came from, for sessions and the security log. */
export const originOf = ({ headers, ip }: FastifyRequest): Origin => ({
  userAgent: headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
  ipAddress: clientAddress(ip),
})
