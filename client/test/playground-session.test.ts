import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createSession, memoryStorage, type Session, SessionEndedError } from '../src/index.ts'
import { type SignInWatch, watchSignIn } from '../src/playground/session/sign-in-state.ts'

describe('the bar of the playground, when a session ends', () => {
  let session: Session
  let watch: SignInWatch
  const grant = { accessToken: 'a.b.c', accessTokenExpiresIn: 60, refreshToken: 'kept', userId: '1' }

  beforeEach(async () => {
    // The server has ended every session.
    const refresh = async () => {
      throw new SessionEndedError('SESSION_REVOKED')
    }
    session = createSession({ transport: { refresh }, storage: memoryStorage() })
    watch = watchSignIn(session, async () => null)
    await session.accept(grant)
  })
  afterEach(() => session.dispose())

  const noticeEnd = () =>
    session.getAccessToken({ failed: grant.accessToken, reason: 'TOKEN_EXPIRED' }).catch(() => null)

  it('calls it a sign-out while one is expected', async () => {
    watch.expectSignOut()
    await noticeEnd()
    expect(watch.get()).toMatchObject({ status: 'signedOut', ended: 'You signed out.' })
  })

  it('gives the reason of the server after a sign-out that failed', async () => {
    const stopExpecting = watch.expectSignOut()
    stopExpecting()
    await noticeEnd()
    expect(watch.get().ended).toContain('ended on another device')
  })

  it('C8: gives the reason of the server for the session after one that signed out', async () => {
    const stopExpecting = watch.expectSignOut()
    await session.signOut()
    stopExpecting()
    await session.accept(grant)
    await noticeEnd()
    expect(watch.get().ended).toContain('ended on another device')
  })
})
