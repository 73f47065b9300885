import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import type { RevocationReason, SecurityEventType } from '../../core/model.ts'
import { UserEntity } from './user.ts'

/** Something that a person should be able to see about the safety of the account. */
@Entity({ name: 'security_events' })
export class SecurityEventEntity {
  /** Grows with time. */
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

  /** No foreign key: the event outlives the session's row. */
  @Column({ name: 'session_id', type: 'uuid', nullable: true })
  sessionId!: string | null

  @Column({ type: 'text' })
  type!: SecurityEventType

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date

  @Column({ name: 'ip_address', type: 'text', nullable: true })
  ipAddress!: string | null

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null

  /** Why the session ended. */
  @Column({ type: 'text', nullable: true })
  reason!: RevocationReason | null

  /** The person who did it, where it was not the person it happened to. */
  @Column({ name: 'actor_id', type: 'uuid', nullable: true })
  actorId!: string | null
}
