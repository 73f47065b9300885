import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm'
import type { UserCredentials } from '../../core/accounts/user-store.ts'
import type { Role, User } from '../../core/model.ts'
import { type Shape, shapeOf } from './shape.ts'

@Entity({ name: 'users' })
export class UserEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string

  @Column({ type: 'text' })
  username!: string

  /** The username in lower case and without compatibility forms, so that no two users look the same. */
  @Column({ name: 'username_key', type: 'text', unique: true })
  usernameKey!: string

  /** In its canonical form. @see readEmail */
  @Column({ type: 'text', unique: true })
  email!: string

  @Column({ name: 'password_hash', type: 'text' })
  passwordHash!: string

  /** Grows with every password change. @see PROTOCOL.md S14 */
  @Column({ name: 'credential_version', type: 'integer', default: 1 })
  credentialVersion!: number

  @Column({ type: 'text', default: 'USER' })
  role!: Role

  /** Grows with every change of the user's rights. @see PROTOCOL.md S15 */
  @Column({ type: 'integer', default: 1 })
  version!: number

  /** For instances from before migration 0005, which read it instead of the log of revocations. */
  @Column({ name: 'version_changed_at', type: 'timestamptz', nullable: true })
  versionChangedAt!: Date | null

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date
}

const userProperties = ['id', 'username', 'email', 'role', 'version', 'createdAt'] as const

/** Without the password hash and the columns that only storage needs. */
export const userShape: Shape<User> = shapeOf(UserEntity, userProperties)

/** What a sign-in needs. */
export const credentialShape: Shape<UserCredentials> = shapeOf(UserEntity, [
  ...userProperties,
  ...(['passwordHash', 'credentialVersion'] as const),
])

/** Leaves out the password hash and the columns that only storage needs. */
export const toUser = (user: User): User => userShape.read(user)
