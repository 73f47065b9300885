import type { Mark, SessionFigures } from './record-session.ts'
import type { Lane } from './timeline-plot.ts'

/** The texts of the inspector. Pass your own to translate it. */
export interface InspectorWords {
  readonly lanes: Readonly<Record<Lane, string>>
  readonly figures: Readonly<Record<keyof SessionFigures, string>>
  readonly kinds: Readonly<Record<Mark['kind'], string>>
  /** Labels the present on the time axis. */
  readonly now: string
  /** Describes the chart to screen readers. */
  readonly chart: string
  /** The heading above the latest events. */
  readonly log: string
}

/** The default texts. */
export const ENGLISH: InspectorWords = {
  lanes: { operations: 'Operations', waits: 'Waiting', refreshes: 'Refreshes', token: 'Access token' },
  figures: {
    operations: 'Operations',
    refreshes: 'Silent refreshes',
    adopted: 'Tokens from other tabs',
    replays: 'Operations replayed',
    waits: 'Operations delayed',
    failures: 'Failed refreshes',
    noticed: 'Visible failures',
  },
  kinds: {
    operation: 'Operation completed',
    refused: 'Operation refused',
    failed: 'Operation got no response',
    replay: 'Operation replayed with the new token',
    wait: 'Operation waited for a refresh',
    refresh: 'Token refreshed',
    retry: 'Response lost, refresh retried',
    failure: 'Refresh failed',
    adopted: 'New token from another tab',
    signedIn: 'Signed in',
    token: 'Access token',
    ended: 'Session ended',
  },
  now: 'now',
  chart: 'The last minute of this session. The list below contains the same information as text.',
  log: 'Latest events',
}
