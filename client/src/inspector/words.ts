import type { Mark, SessionFigures } from './record-session.ts'
import type { Lane } from './timeline-plot.ts'

/** What the inspector says; give your own for another language. */
export interface InspectorWords {
  readonly lanes: Readonly<Record<Lane, string>>
  readonly figures: Readonly<Record<keyof SessionFigures, string>>
  readonly kinds: Readonly<Record<Mark['kind'], string>>
  /** Where the timeline's present is. */
  readonly now: string
  /** Describes the chart to those who do not see it. */
  readonly chart: string
  /** The heading of the latest events. */
  readonly log: string
}

/** The words that the inspector says by itself. */
export const ENGLISH: InspectorWords = {
  lanes: { operations: 'Operations', waits: 'Waiting', refreshes: 'Refreshes', token: 'Access token' },
  figures: {
    operations: 'Operations',
    refreshes: 'Silent refreshes',
    adopted: 'Tokens from other tabs',
    replays: 'Sent again',
    waits: 'Waited',
    failures: 'Refreshes given up',
    noticed: 'Failures you noticed',
  },
  kinds: {
    operation: 'Operation answered',
    refused: 'Operation refused for good',
    failed: 'Operation got no answer',
    replay: 'Operation sent again with the new token',
    wait: 'Operation waited for the refresh',
    refresh: 'Refreshed',
    retry: 'Answer lost, asked again',
    failure: 'Refresh given up for now',
    adopted: 'New token from another tab',
    signedIn: 'Signed in',
    token: 'Access token',
    ended: 'Session ended',
  },
  now: 'now',
  chart: 'The last minute of this session. The list below says the same in words.',
  log: 'Latest events',
}
