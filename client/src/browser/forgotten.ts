import type { StoredSession } from '../session/index.ts'

/**
 * What is stored, for whoever asks after the sign-ins up to `epoch` were forgotten: they are over, whatever the record
 * still says. Whoever stores over it counts from there.
 */
export function afterForgetting(stored: StoredSession | null, epoch: number): StoredSession | null {
  if (epoch === 0 || (stored && stored.epoch > epoch)) return stored
  return { version: (stored?.version ?? 0) + 1, epoch: epoch + 1, userId: null }
}
