import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import type { RevocationReason, SecurityEvent, SecurityEventType } from '../../core/model.ts'
import { SessionEntity } from './session.ts'
import { type Shape, shapeOf } from './shape.ts'
import { UserEntity } from './user.ts'

/** Something users should be able to see about the security of their account. */
@Entity({ name: 'security_events' })
export class SecurityEventEntity {
  /** Later events have higher ids. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'security_events_pkey',
  })
  id!: string

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: string

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'security_events_user_id_fkey' })
  user!: UserEntity

  @Column({ name: 'session_id', type: 'uuid', nullable: true })
  sessionId!: string | null

  /** Null once the session's row has been removed. The event outlives it, so there is no foreign key. */
  @ManyToOne(() => SessionEntity, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'session_id' })
  session!: SessionEntity | null

  @Column({ type: 'text' })
  type!: SecurityEventType

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date

  @Column({ name: 'ip_address', type: 'text', nullable: true })
  ipAddress!: string | null

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null

  /** Why the session ended; null for other events. */
  @Column({ type: 'text', nullable: true })
  reason!: RevocationReason | null

  /** The user who caused the event, if known. */
  @Column({ name: 'actor_id', type: 'uuid', nullable: true })
  actorId!: string | null
}

/** Without the session, and without the columns that only storage needs. */
export const eventShape: Shape<Omit<SecurityEvent, 'session'>> = shapeOf(SecurityEventEntity, [
  ...(['id', 'userId', 'type', 'at', 'ipAddress', 'userAgent', 'reason'] as const),
])
