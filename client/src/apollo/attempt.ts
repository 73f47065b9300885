import type { FetchResult, NextLink, Observer, Operation } from '@apollo/client/core/index.js'
import { type Session, SessionEndedError, type SessionEvent } from '../session/index.ts'
import { readFailure } from './read-operation.ts'

/** One operation on its way through the link: sent once, and once more if its token was refused. */
export interface Attempt {
  /** C4: only what went out with a token. */
  mayReplay(): boolean
  /** Sends the operation; again, if it went out before. */
  send(forward: NextLink, observer: Observer<FetchResult>): Promise<void>
  /** C9: what is not wanted any more is not sent, and what is under way is dropped. */
  cancel(): void
  report(event: SessionEvent): void
}

export function attempt(session: Session, operation: Operation): Attempt {
  // The operation's own abort. Apollo Client 3 does not pass an unsubscription on to what `onError` returned, so the
  // header link holds it for both.
  const aborter = new AbortController()
  const { signal } = aborter
  let sentWith: string | null = null
  let { epoch } = session
  let isSettled = false
  const since = performance.now()

  const report = (event: SessionEvent): void =>
    session.events.emit({ ...event, operation: operation.operationName } as SessionEvent)

  const settled = (failure: object): void => {
    if (isSettled) return
    isSettled = true
    report({ type: 'operation', ms: performance.now() - since, refused: readFailure(failure).unauthenticated })
  }

  const send: Attempt['send'] = async (forward, observer) => {
    const failed = sentWith
    const fail = (error: unknown): void => {
      settled({ networkError: error })
      observer.error?.(error)
    }
    try {
      sentWith = await session.getAccessToken({ failed, signal })
      if (signal.aborted) return
      epoch = session.epoch
      if (failed) report({ type: 'replayed' })
      const authorization = sentWith && `Bearer ${sentWith}`
      if (authorization) operation.setContext(({ headers = {} }) => ({ headers: { ...headers, authorization } }))
      const subscription = forward(operation).subscribe({
        next(result) {
          // C8: a slow answer must not bring a former person's data to the present one.
          if (sentWith && session.epoch !== epoch) return fail(new SessionEndedError(session.endReason ?? 'REPLACED'))
          settled({ graphQLErrors: result.errors })
          observer.next?.(result)
        },
        error: fail,
        complete: () => observer.complete?.(),
      })
      signal.addEventListener('abort', () => subscription.unsubscribe())
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  return { report, send, mayReplay: () => Boolean(sentWith), cancel: () => aborter.abort() }
}
