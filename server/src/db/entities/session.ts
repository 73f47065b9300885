import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm'
import type { RevocationReason } from '../../core/model.ts'
import type { Outcome } from '../../core/sessions/session-store.ts'
import { UserEntity } from './user.ts'

/**
 * One sign-in on one device; the row is the whole family of its refresh tokens. It holds no token and no digest: the
 * current refresh token is derived from the row and the key (PROTOCOL.md S6).
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

  /** When the current generation was made. */
  @Column({ name: 'rotated_at', type: 'timestamptz' })
  rotatedAt!: Date

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date

  @Column({ name: 'last_seen_at', type: 'timestamptz' })
  lastSeenAt!: Date

  /** Never later than the absolute end. Without an index, so that rotations stay HOT. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date

  /** Never moves; null means no absolute end. */
  @Column({ name: 'absolute_expires_at', type: 'timestamptz', nullable: true })
  absoluteExpiresAt!: Date | null

  /** How the token presented last was answered: the rotation's way to tell, as RETURNING sees new values only. */
  @Column({ name: 'last_outcome', type: 'text', nullable: true })
  lastOutcome!: Exclude<Outcome, 'unknown'> | null

  /** The minute in which refreshes are counted, and how many it has had. @see PROTOCOL.md S19 */
  @Column({ name: 'refresh_window_at', type: 'timestamptz' })
  refreshWindowAt!: Date

  @Column({ name: 'refresh_count', type: 'integer', default: 0 })
  refreshCount!: number

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null

  @Column({ name: 'revoked_reason', type: 'text', nullable: true })
  revokedReason!: RevocationReason | null

  /** The person who ended it; null when nobody signed in did. */
  @Column({ name: 'revoked_by', type: 'uuid', nullable: true })
  revokedBy!: string | null

  /** The last refresh from another address than the one before. */
  @Column({ name: 'address_changed_at', type: 'timestamptz', nullable: true })
  addressChangedAt!: Date | null
}
