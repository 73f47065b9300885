import type { Session } from '../../index.ts'

/** Whether the access token is in use: only then does the library renew it before it expires (C7). */
export interface TokenUse {
  isUsed(): boolean
  /** Notes that an operation uses the token. */
  note(): void
}

export function watchTokenUse(session: Session): TokenUse {
  let isUsed = false
  session.events.subscribe((event) => {
    if (event.type === 'refreshDone') isUsed = event.shared > 0
    else if (event.type === 'signedIn' || event.type === 'adopted') isUsed = false
  })
  return {
    isUsed: () => isUsed,
    note() {
      isUsed = true
    },
  }
}

/** What the bar says about the access token. */
export function tokenWords(session: Pick<Session, 'accessTokenExpiresInMs' | 'state'>, isUsed: boolean): string {
  const { accessTokenExpiresInMs: ms, state } = session
  if (ms === null) return state === 'refreshing' ? 'renewing the token …' : 'token expired, renewed when needed'
  if (ms === Number.POSITIVE_INFINITY) return 'token without a known lifetime'
  // A no-break space, so that the number and its unit stay on one line.
  const duration = `${Math.max(0, Math.ceil(ms / 1_000))}\u00a0s`
  return isUsed ? `token renews within ${duration}` : `token expires in ${duration}, renewed when needed`
}
