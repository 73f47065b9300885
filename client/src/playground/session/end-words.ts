import type { EndOrigin, EndReason } from '../../index.ts'

const WORDS: Record<EndReason, string> = {
  SIGNED_OUT: 'You signed out.',
  DISPOSED: 'You signed out.',
  REPLACED: 'Another user has signed in with this browser.',
  SESSION_REVOKED: 'The session was ended on another device, by a password change, or by an admin.',
  REFRESH_TOKEN_REUSED:
    'The session was ended because a spent refresh token was used again, which may mean that it was stolen.',
  REFRESH_TOKEN_EXPIRED: 'The session has expired.',
  REFRESH_TOKEN_INVALID: 'The server no longer recognises this session.',
  REFRESH_TOKEN_MISSING: 'The refresh cookie of the session is gone: it was deleted, or this browser does not keep it.',
}

/** Why a session has ended, in a sentence. */
export const endWords = (reason: EndReason, origin: EndOrigin | null = null): string =>
  reason === 'SIGNED_OUT' && origin === 'otherTab' ? 'You signed out in another tab.' : WORDS[reason]
