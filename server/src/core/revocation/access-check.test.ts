import { expect, it } from '@jest/globals'
import type { AccessClaims } from '../model.ts'
import { createAccessCheck, type FeedState } from './access-check.ts'
import { createRevocationList } from './revocation-list.ts'

const user = { userId: 'ada', sessionId: 'one', role: 'USER', userVersion: 1, issuedAt: 0 } as AccessClaims
const admin: AccessClaims = { ...user, role: 'ADMIN' }

/** The refusals of a query, of a mutation and of an admin, when the database knows that the session has ended. */
async function refusals(state: FeedState) {
  const list = createRevocationList({ nowMs: () => 0, monotonicMs: () => 0 }, 60_000)
  const check = createAccessCheck(
    list,
    () => state,
    async () => 'SESSION_REVOKED',
  )
  return Promise.all([check(user), check(user, true), check(admin)])
}

it('S15: asks the database whenever the list may be stale, and earlier for admins and mutations', async () => {
  expect(await refusals('current')).toEqual([null, null, null])
  expect(await refusals('overdue')).toEqual([null, 'SESSION_REVOKED', 'SESSION_REVOKED'])
  expect(await refusals('lost')).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED', 'SESSION_REVOKED'])
})
