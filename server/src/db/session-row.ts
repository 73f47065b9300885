import type { Session } from '../core/model.ts'

/** A row of `sessions` as the driver returns it. */
export interface RawSession {
  id: string
  user_id: string
  app_id: string | null
  device_id: string | null
  device_name: string | null
  user_agent: string | null
  ip_address: string | null
  generation: number
  rotated_at: Date
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

export function toSession(row: RawSession): Session {
  return {
    id: row.id,
    userId: row.user_id,
    appId: row.app_id,
    deviceId: row.device_id,
    deviceName: row.device_name,
    userAgent: row.user_agent,
    ipAddress: row.ip_address,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
  }
}
