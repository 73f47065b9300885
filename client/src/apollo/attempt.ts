import type { ApolloLink, FetchResult, Operation } from '@apollo/client/core/index.js'
import { type Session, SessionEndedError, type SessionEvent } from '../session/index.ts'
import { didRun, type IsUnauthenticated } from '../transport/graphql-errors.ts'
import { isMutation } from './is-public-operation.ts'
import { readFailure } from './read-failure.ts'
import type { TokenGuard } from './token-guard.ts'

/** Receives the result of an operation. */
interface Observer {
  next(result: FetchResult): void
  error(error: unknown): void
  complete(): void
}

/** One operation on its way through the link. */
export interface Attempt {
  readonly session: Session
  readonly operation: Operation
  /** The types of Apollo Client 3 and 4 have different names for it. */
  readonly forward: NonNullable<Parameters<ApolloLink['request']>[1]>
  readonly observer: Observer
  /** The user whose operation it is. */
  readonly owner: string | null
  readonly guard: TokenGuard
  readonly isUnauthenticated: IsUnauthenticated | undefined
}

/**
 * Sends an operation, and a second time if its token was refused (C4).
 * @returns how to cancel it: an unwanted operation is not sent, and one under way is dropped (C9).
 */
export function sendOperation(attempt: Attempt): () => void {
  const { session, operation, forward, observer, owner, guard, isUnauthenticated } = attempt
  const aborter = new AbortController()
  const { signal } = aborter
  const { headers } = operation.getContext()
  const since = session.clock.now()
  let isReported = false
  let stop = (): void => {}

  const report = (event: SessionEvent): void =>
    session.events.emit({ ...event, operation: operation.operationName } as SessionEvent)

  const done = (refused: boolean, failed: boolean): void => {
    if (isReported) return
    isReported = true
    report({ type: 'operation', ms: session.clock.now() - since, refused, failed })
  }

  const fail = (error: unknown, refused = false): void => {
    done(refused, true)
    observer.error(error)
  }

  const ended = (): SessionEndedError => new SessionEndedError(session.endReason ?? 'REPLACED')

  async function send(failed: string | null, reason?: string): Promise<void> {
    try {
      const token = await session.getAccessToken({ failed, reason, signal })
      if (signal.aborted) return
      if (owner && owner !== session.userId) throw ended()
      if (failed) report({ type: 'replayed' })
      if (token) {
        guard.checkBefore(operation)
        operation.setContext({ headers: { ...headers, authorization: `Bearer ${token}` } })
      }
      forwardWith(token, token !== null && !failed)
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  function forwardWith(token: string | null, mayReplay: boolean): void {
    const { epoch } = session
    let isOver = false

    /** Ends this attempt: the rest of a stream (`@defer`) must not arrive beside its replay. */
    const drop = (): void => {
      isOver = true
      stop()
    }

    /** @returns whether the answer was a refusal; undefined when it is not for the caller. */
    function examine(answer: { result?: FetchResult; error?: unknown }): boolean | undefined {
      if (isOver) return undefined
      try {
        if (token) guard.checkAfter(operation)
        const refusal = readFailure(operation, answer, isUnauthenticated)
        const hasRun = didRun(answer.result?.data) && isMutation(operation)
        if (refusal && mayReplay && !hasRun) {
          drop()
          void send(token, refusal.reason)
          return undefined
        }
        if (refusal && mayReplay) report({ type: 'notReplayed', why: 'didRun' })
        // C8: a slow answer must not deliver one user's data to the next.
        if (token && session.epoch !== epoch) throw ended()
        // From here on the caller has a part of the result: no other result can take its place.
        mayReplay = false
        return refusal !== undefined
      } catch (error) {
        drop()
        fail(error)
        return undefined
      }
    }

    const subscription = forward(operation).subscribe({
      next(result) {
        const refused = examine({ result })
        if (refused === undefined) return
        done(refused, false)
        observer.next(result)
      },
      error(error) {
        const refused = examine({ error })
        if (refused !== undefined) fail(error, refused)
      },
      complete: () => isOver || observer.complete(),
    })
    stop = () => subscription.unsubscribe()
    if (isOver) stop()
  }

  void send(null)
  return () => {
    aborter.abort()
    stop()
  }
}
