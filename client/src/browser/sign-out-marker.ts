import type { StoredSession } from '../session/index.ts'

/**
 * The stored record as it counts once all sign-ins up to `epoch` are marked as signed out: those are over, whatever the
 * record says. Records stored later continue from there.
 * @param epoch 0 when nothing is marked.
 */
export function applySignOutMarker(stored: StoredSession | null, epoch: number): StoredSession | null {
  if (epoch === 0 || (stored && stored.epoch > epoch)) return stored
  return { version: (stored?.version ?? 0) + 1, epoch: epoch + 1, userId: null }
}
