import type { Session, TimedSessionEvent } from '../session/index.ts'

/** Something that happened, in milliseconds of the session's clock. `from` equals `to` when it has no duration. */
export interface Mark {
  readonly kind:
    | 'operation'
    /** An operation that failed with UNAUTHENTICATED even after its retry. */
    | 'refused'
    /** An operation that got no response. */
    | 'failed'
    | 'replay'
    | 'wait'
    | 'refresh'
    /** A refresh whose response was lost and that is sent again. */
    | 'retry'
    /** A refresh that failed for now. */
    | 'failure'
    | 'adopted'
    | 'signedIn'
    | 'token'
    | 'ended'
  readonly from: number
  readonly to: number
  /** The name of the operation or the reason, if any. */
  readonly label?: string | undefined
}

/** What a session has done in this tab. */
export interface SessionFigures {
  readonly operations: number
  /** Refreshes made by this tab. */
  readonly refreshes: number
  /** New tokens received from other tabs. */
  readonly adopted: number
  /** Refreshes that failed for now. */
  readonly failures: number
  /** Operations sent again with a new token. */
  readonly replays: number
  /** Operations that waited for a refresh. */
  readonly waits: number
  /** Operations that failed with UNAUTHENTICATED even after their retry, which users should never see. */
  readonly noticed: number
}

/** What a session has done since `recordSession` was called. */
export interface SessionRecord {
  /** The most recent marks, oldest first. */
  readonly marks: readonly Mark[]
  readonly figures: SessionFigures
  /** Calls back after every change. @returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
  /** Stops recording. */
  stop(): void
}

const NONE: SessionFigures = {
  operations: 0,
  refreshes: 0,
  adopted: 0,
  failures: 0,
  replays: 0,
  waits: 0,
  noticed: 0,
}

/** The figures that each kind of mark adds to. */
const FIGURES_OF: Partial<Record<Mark['kind'], readonly (keyof SessionFigures)[]>> = {
  operation: ['operations'],
  failed: ['operations'],
  refused: ['operations', 'noticed'],
  refresh: ['refreshes'],
  adopted: ['adopted'],
  failure: ['failures'],
  replay: ['replays'],
  wait: ['waits'],
}

/**
 * Records the events of a session. Call it right after `createSession`, so that no event is missed. It keeps the last
 * `maxMarks` marks and no tokens.
 * @param maxMarks @default 2_000
 */
export function recordSession(session: Session, maxMarks = 2_000): SessionRecord {
  const marks: Mark[] = []
  const listeners = new Set<() => void>()
  let figures = NONE

  const stop = session.events.subscribe((event) => {
    const mark = markOf(event)
    if (mark) marks.push(mark)
    for (const name of (mark && FIGURES_OF[mark.kind]) ?? []) figures = { ...figures, [name]: figures[name] + 1 }
    const life = session.accessTokenExpiresInMs
    if (event.type === 'ended') cutToken(marks, event.at)
    else if (givesToken(event) && life !== null && life < Number.POSITIVE_INFINITY) {
      cutToken(marks, event.at)
      marks.push({ kind: 'token', from: event.at, to: event.at + life })
    }
    if (marks.length > maxMarks) marks.splice(0, marks.length - maxMarks)
    for (const listener of listeners) listener()
  })

  return {
    marks,
    get figures() {
      return figures
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop,
  }
}

const givesToken = ({ type }: TimedSessionEvent): boolean =>
  type === 'signedIn' || type === 'refreshDone' || type === 'adopted'

/** Ends the lifetime of the last token, because the session has ended or a new token replaces it. */
function cutToken(marks: Mark[], at: number): void {
  let last = marks.length - 1
  while (last >= 0 && marks[last]?.kind !== 'token') last--
  const token = marks[last]
  if (token && token.to > at) marks[last] = { ...token, to: at }
}

function markOf(event: TimedSessionEvent): Mark | null {
  const { at } = event
  const mark = (kind: Mark['kind'], ms: number, label?: string): Mark => ({ kind, from: at - ms, to: at, label })
  switch (event.type) {
    case 'operation':
      return mark(event.refused ? 'refused' : event.failed ? 'failed' : 'operation', event.ms, event.operation)
    case 'refreshDone':
      return event.adopted ? null : mark('refresh', event.ms)
    case 'refreshFailed':
      return mark('failure', event.ms)
    case 'refreshRetried':
      return mark('retry', 0)
    case 'waited':
      return mark('wait', event.ms)
    case 'replayed':
      return mark('replay', 0, event.operation)
    case 'adopted':
    case 'signedIn':
      return mark(event.type, 0)
    case 'ended':
      return mark('ended', 0, event.reason)
    default:
      return null
  }
}
