/**
 * The platform's `AbortSignal` where its types are loaded, else the part of it that the core uses.
 * (The core compiles without DOM and Node types; every runtime it meets has the class.)
 */
export type CancelSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : {
      readonly aborted: boolean
      readonly reason: unknown
      addEventListener(type: 'abort', listener: () => void): void
      removeEventListener(type: 'abort', listener: () => void): void
    }

/** An `AbortController`. */
export interface Canceller {
  readonly signal: CancelSignal
  abort(reason?: unknown): void
}

declare const AbortController: new () => Canceller

/** Creates an `AbortController`. */
export const canceller = (): Canceller => new AbortController()

/** Why a signal was aborted. Older React Natives do not say. */
export const abortReason = ({ reason }: CancelSignal): unknown =>
  reason ?? Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' })

/**
 * Calls `listener` once `signal` is aborted, or right away if it already is.
 * @returns how to stop listening.
 */
export function onAbort(signal: CancelSignal, listener: () => void): () => void {
  if (signal.aborted) listener()
  signal.addEventListener('abort', listener)
  return () => signal.removeEventListener('abort', listener)
}
