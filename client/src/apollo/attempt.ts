import type { FetchResult, NextLink, Observer, Operation } from '@apollo/client/core/index.js'
import { type Session, SessionEndedError, type SessionEvent } from '../session/index.ts'
import { readFailure } from './read-operation.ts'

/** One operation on its way through the link: sent once, and once more if its token was refused. */
export class Attempt {
  readonly #session: Session
  readonly #operation: Operation
  readonly #forward: NextLink
  /**
   * The operation's own abort. Apollo Client 3 does not pass an unsubscription on to what `onError` returned, so the
   * header link holds it for both.
   */
  readonly #aborter = new AbortController()
  #token: string | null = null
  #epoch: number
  #replayed = false

  constructor(session: Session, operation: Operation, forward: NextLink) {
    this.#session = session
    this.#operation = operation
    this.#forward = forward
    this.#epoch = session.epoch
  }

  /** C4: once, and only what went out with a token. */
  get mayReplay(): boolean {
    return this.#token !== null && !this.#replayed
  }

  send(observer: Observer<FetchResult>): void {
    const since = performance.now()
    let isOpen = true
    const settled = (failure: object): void => {
      if (!isOpen) return
      isOpen = false
      const refused = readFailure(failure).unauthenticated
      this.report({ type: 'operation', ms: performance.now() - since, refused })
    }
    this.#go(
      this.#forward,
      {
        next(result) {
          settled({ graphQLErrors: result.errors })
          observer.next?.(result)
        },
        error(error) {
          settled({ networkError: error })
          observer.error?.(error)
        },
        complete: () => observer.complete?.(),
      },
      null,
    )
  }

  replay(forward: NextLink, observer: Observer<FetchResult>): void {
    this.#replayed = true
    this.#go(forward, observer, this.#token)
  }

  /** C9: what is not wanted any more is not sent, and what is under way is dropped. */
  cancel(): void {
    this.#aborter.abort()
  }

  report(event: SessionEvent): void {
    const { operationName } = this.#operation
    this.#session.events.emit(operationName ? ({ ...event, operation: operationName } as SessionEvent) : event)
  }

  #go(forward: NextLink, observer: Observer<FetchResult>, failed: string | null): void {
    const { signal } = this.#aborter
    if (failed && this.#session.epoch !== this.#epoch) {
      observer.error?.(this.#ended())
      return
    }
    this.#session.getAccessToken({ failed, signal }).then(
      (token) => {
        if (signal.aborted) return
        this.#token = token
        this.#epoch = this.#session.epoch
        if (failed) this.report({ type: 'replayed' })
        this.#operation.setContext(({ headers = {} }: { headers?: Record<string, string> }) => ({
          headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
        }))
        const subscription = forward(this.#operation).subscribe({
          // C8: a slow answer must not bring a former person's data to the present one.
          next: (result) => (this.#isStale(token) ? observer.error?.(this.#ended()) : observer.next?.(result)),
          error: (error) => observer.error?.(error),
          complete: () => observer.complete?.(),
        })
        signal.addEventListener('abort', () => subscription.unsubscribe())
      },
      (error) => {
        if (!signal.aborted) observer.error?.(error)
      },
    )
  }

  #isStale(token: string | null): boolean {
    return token !== null && this.#session.epoch !== this.#epoch
  }

  #ended(): SessionEndedError {
    return new SessionEndedError(this.#session.endReason ?? 'REPLACED')
  }
}
