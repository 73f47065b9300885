import type { Page } from '../session/index.ts'

/** The document and the network; undefined where there is no document (workers, Node). @see PROTOCOL.md C7 */
export function documentPage(): Page | undefined {
  if (typeof document === 'undefined') return undefined
  return {
    isVisible: () => document.visibilityState === 'visible',
    onWake(listener) {
      const wake = (): void => {
        if (document.visibilityState === 'visible') listener()
      }
      const sources: [EventTarget, string][] = [
        [document, 'visibilitychange'],
        [document, 'resume'],
        [window, 'pageshow'],
        [window, 'online'],
        [window, 'focus'],
      ]
      for (const [target, type] of sources) target.addEventListener(type, wake)
      return () => {
        for (const [target, type] of sources) target.removeEventListener(type, wake)
      }
    },
  }
}
