import type { Page } from '../session/index.ts'

/**
 * The document and the network; undefined where there is no document (workers, Node).
 * @example Renew tokens in hidden tabs, too:
 * ```ts
 * const page = documentPage()
 * createSession({ transport, page: page && { ...page, isVisible: () => true } })
 * ```
 * @see PROTOCOL.md C7
 */
export function documentPage(): Page | undefined {
  if (typeof document === 'undefined') return undefined
  const isVisible = (): boolean => document.visibilityState !== 'hidden'
  return {
    isVisible,
    onWake(listener) {
      const wake = (): void => {
        if (isVisible()) listener()
      }
      const sources: [EventTarget, string][] = [
        [document, 'visibilitychange'],
        [document, 'resume'],
        [globalThis, 'pageshow'],
        [globalThis, 'online'],
        [globalThis, 'focus'],
      ]
      // Some environments have a document without events.
      for (const [target, type] of sources) target.addEventListener?.(type, wake)
      return () => {
        for (const [target, type] of sources) target.removeEventListener?.(type, wake)
      }
    },
  }
}
