import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm'
import type { RevocationReason, Session } from '../../core/model.ts'
import type { Outcome } from '../../core/sessions/session-store.ts'
import { type Shape, shapeOf } from './shape.ts'
import { UserEntity } from './user.ts'

/**
 * One sign-in on one device. A row represents the whole family of its refresh tokens and stores neither tokens nor digests:
 * the current refresh token is derived from the row and the key (PROTOCOL.md S6).
 */
@Entity({ name: 'sessions' })
export class SessionEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sessions_pkey' })
  id!: string

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: string

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'sessions_user_id_fkey' })
  user!: UserEntity

  @Column({ name: 'app_id', type: 'text', nullable: true })
  appId!: string | null

  @Column({ name: 'device_id', type: 'text', nullable: true })
  deviceId!: string | null

  @Column({ name: 'device_name', type: 'text', nullable: true })
  deviceName!: string | null

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null

  @Column({ name: 'ip_address', type: 'text', nullable: true })
  ipAddress!: string | null

  @Column({ type: 'integer', default: 0 })
  generation!: number

  /** When the current generation was issued. */
  @Column({ name: 'rotated_at', type: 'timestamptz' })
  rotatedAt!: Date

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date

  @Column({ name: 'last_seen_at', type: 'timestamptz' })
  lastSeenAt!: Date

  /** Never later than `absoluteExpiresAt`. Not indexed, so that rotations stay heap-only updates (HOT). */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date

  /** Never changes; null means that the session has no absolute end. */
  @Column({ name: 'absolute_expires_at', type: 'timestamptz', nullable: true })
  absoluteExpiresAt!: Date | null

  /** The outcome of the last rotation. It is a column because RETURNING sees only new values. @see rotate-statement.ts */
  @Column({ name: 'last_outcome', type: 'text', nullable: true })
  lastOutcome!: Exclude<Outcome, 'unknown'> | null

  /** When the minute in which refreshes are counted began. @see PROTOCOL.md S19 */
  @Column({ name: 'refresh_window_at', type: 'timestamptz' })
  refreshWindowAt!: Date

  @Column({ name: 'refresh_count', type: 'integer', default: 0 })
  refreshCount!: number

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null

  @Column({ name: 'revoked_reason', type: 'text', nullable: true })
  revokedReason!: RevocationReason | null

  /** The user who ended the session; null when no signed-in user did. */
  @Column({ name: 'revoked_by', type: 'uuid', nullable: true })
  revokedBy!: string | null

  /** When a refresh last came from a different address than the one before it. */
  @Column({ name: 'address_changed_at', type: 'timestamptz', nullable: true })
  addressChangedAt!: Date | null
}

/** Without the columns that only storage needs. */
export const sessionShape: Shape<Session> = shapeOf(SessionEntity, [
  ...(['id', 'userId', 'appId', 'deviceId', 'deviceName', 'userAgent', 'ipAddress'] as const),
  ...(['generation', 'rotatedAt', 'createdAt', 'lastSeenAt', 'expiresAt'] as const),
])

/** Leaves out the columns that only storage needs. */
export const toSession = (session: Session): Session => sessionShape.read(session)
