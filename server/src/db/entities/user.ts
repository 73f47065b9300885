import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm'
import type { Role } from '../../core/model.ts'

/** A person with an account. */
@Entity({ name: 'users' })
export class UserEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string

  @Column({ type: 'text' })
  username!: string

  /** The username without what does not tell people apart (compatibility forms, case). */
  @Column({ name: 'username_key', type: 'text', unique: true })
  usernameKey!: string

  /** In its one form: trimmed, lower case, NFC. */
  @Column({ type: 'text', unique: true })
  email!: string

  @Column({ name: 'password_hash', type: 'text' })
  passwordHash!: string

  /** Grows with every password change. @see PROTOCOL.md S14 */
  @Column({ name: 'credential_version', type: 'integer', default: 1 })
  credentialVersion!: number

  @Column({ type: 'text', default: 'USER' })
  role!: Role

  /** Grows with every change of rights. @see PROTOCOL.md S15 */
  @Column({ type: 'integer', default: 1 })
  version!: number

  @Column({ name: 'version_changed_at', type: 'timestamptz', nullable: true })
  versionChangedAt!: Date | null

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date
}
