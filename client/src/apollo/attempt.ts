import type { FetchResult, NextLink, Operation } from '@apollo/client/core/index.js'
import { type Session, SessionEndedError, type SessionEvent } from '../session/index.ts'
import { readFailure } from './read-failure.ts'

/** Receives the result of an operation. */
interface Observer {
  next(result: FetchResult): void
  error(error: unknown): void
  complete(): void
}

/** One operation on its way through the link. It is sent once, and a second time if its token was refused. */
export interface Attempt {
  /** The user whose operation it is. */
  readonly owner: string | null
  /** C4: only an operation that was sent with a token is sent again. */
  mayReplay(): boolean
  /** Sends the operation, or sends it again. */
  send(forward: NextLink, observer: Observer): Promise<void>
  /** C9: an unwanted operation is not sent, and one under way is dropped. */
  cancel(): void
  report(event: SessionEvent): void
}

export function createAttempt(session: Session, operation: Operation, owner = session.userId): Attempt {
  // The operation's own abort signal. Apollo Client 3 does not pass an unsubscription on to the Observable that `onError`
  // returned, so the header link cancels for both.
  const aborter = new AbortController()
  const { signal } = aborter
  let sentWith: string | null = null
  let isSettled = false
  const { headers } = operation.getContext()
  const since = session.clock.now()

  const report = (event: SessionEvent): void =>
    session.events.emit({ ...event, operation: operation.operationName } as SessionEvent)

  const settled = (failure: object, failed: boolean): void => {
    if (isSettled) return
    isSettled = true
    report({
      type: 'operation',
      ms: session.clock.now() - since,
      refused: readFailure(failure).unauthenticated,
      failed,
    })
  }

  const send: Attempt['send'] = async (forward, observer) => {
    const failed = sentWith
    const fail = (error: unknown): void => {
      settled({ networkError: error }, true)
      observer.error(error)
    }
    try {
      sentWith = await session.getAccessToken({ failed, signal })
      if (signal.aborted) return
      if (owner && owner !== session.userId) throw new SessionEndedError(session.endReason ?? 'REPLACED')
      const { epoch } = session
      if (failed) report({ type: 'replayed' })
      if (sentWith) operation.setContext({ headers: { ...headers, authorization: `Bearer ${sentWith}` } })
      const subscription = forward(operation).subscribe({
        next(result) {
          // C8: a slow answer must not deliver one user's data to the next.
          if (sentWith && session.epoch !== epoch) return fail(new SessionEndedError(session.endReason ?? 'REPLACED'))
          settled({ graphQLErrors: result.errors }, false)
          observer.next(result)
        },
        error: fail,
        complete: () => observer.complete(),
      })
      signal.addEventListener('abort', () => subscription.unsubscribe())
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  return { owner, report, send, mayReplay: () => sentWith !== null, cancel: () => aborter.abort() }
}
