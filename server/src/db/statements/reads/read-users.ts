import type { UserCredentials } from '../../../core/accounts/user-store.ts'
import type { User } from '../../../core/model.ts'
import { credentialShape, userShape } from '../../entities/user.ts'
import { prepared } from '../prepared.ts'

/** $1 user */
export const findUserStatement = prepared<User>(
  'find-user',
  `SELECT ${userShape.columns('users')} FROM users WHERE id = $1::uuid`,
)

const credentials = `SELECT ${credentialShape.columns('users')} FROM users`

/** $1 user */
export const findCredentialsStatement = prepared<UserCredentials>(
  'find-credentials',
  `${credentials} WHERE id = $1::uuid`,
)

/** $1 email address in its canonical form */
export const findByEmailStatement = prepared<UserCredentials>('find-by-email', `${credentials} WHERE email = $1::text`)
