import type { StoredSession } from '../session/index.ts'

/**
 * The effective record when all sign-ins up to `epoch` have been marked as signed out, even if the stored record still
 * contains one. Records stored later continue from there.
 * @param epoch 0 when nothing is marked.
 */
export function applySignOutMarker(stored: StoredSession | null, epoch: number): StoredSession | null {
  if (epoch === 0 || (stored && stored.epoch > epoch)) return stored
  return { version: (stored?.version ?? 0) + 1, epoch: epoch + 1, userId: null }
}
