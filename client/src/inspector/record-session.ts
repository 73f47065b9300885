import type { Session, TimedSessionEvent } from '../session/index.ts'

/** A thing to draw: from when to when, in milliseconds of the session's clock. A moment has both the same. */
export interface Mark {
  readonly kind:
    | 'operation'
    /** An operation whose last word was UNAUTHENTICATED. */
    | 'refused'
    /** An operation that got no answer. */
    | 'failed'
    | 'replay'
    | 'wait'
    | 'refresh'
    /** The answer to a refresh did not come, and was asked for again. */
    | 'retry'
    /** A refresh that was given up for the time being. */
    | 'failure'
    | 'adopted'
    | 'signedIn'
    | 'token'
    | 'ended'
  readonly from: number
  readonly to: number
  /** The operation's name or the reason, where there is one. */
  readonly label?: string | undefined
}

/** What a session did in this tab, in numbers. */
export interface SessionFigures {
  readonly operations: number
  /** Refreshes that this tab made itself. */
  readonly refreshes: number
  /** New tokens that came from another tab. */
  readonly adopted: number
  /** Refreshes that gave up for the time being. */
  readonly failures: number
  /** Operations sent a second time with a new token. */
  readonly replays: number
  /** Operations that waited for a refresh. */
  readonly waits: number
  /** Operations whose last word was UNAUTHENTICATED: what nobody should ever see. */
  readonly noticed: number
}

/** What a session did since `recordSession`, as it goes on. */
export interface SessionRecord {
  /** The last ones, the oldest first. */
  readonly marks: readonly Mark[]
  readonly figures: SessionFigures
  /** Calls back after every change. @returns how to stop. */
  subscribe(listener: () => void): () => void
  /** Writes nothing down any more. */
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

/**
 * Writes down what a session does, from its events; begin beside `createSession`, so that nothing is missed. Cheap: it
 * keeps the last `limit` marks, and no token.
 * @param limit @default 2_000
 */
export function recordSession(session: Session, limit = 2_000): SessionRecord {
  const marks: Mark[] = []
  const listeners = new Set<() => void>()
  let figures = NONE

  const stop = session.events.subscribe((event) => {
    figures = count(figures, event)
    const mark = markOf(event)
    if (mark) marks.push(mark)
    const life = session.accessTokenExpiresInMs
    if (event.type === 'ended') cutToken(marks, event.at)
    else if (givesToken(event) && life !== null) {
      cutToken(marks, event.at)
      marks.push({ kind: 'token', from: event.at, to: event.at + life })
    }
    if (marks.length > limit) marks.splice(0, marks.length - limit)
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

/** A token's band ends where its session does, or where the next token takes over. */
function cutToken(marks: Mark[], at: number): void {
  let last = marks.length - 1
  while (last >= 0 && marks[last]?.kind !== 'token') last--
  const token = marks[last]
  if (token && token.to > at) marks[last] = { ...token, to: at }
}

function markOf(event: TimedSessionEvent): Mark | null {
  const { at } = event
  const lasted = (kind: Mark['kind'], ms: number, label?: string): Mark => ({ kind, from: at - ms, to: at, label })
  switch (event.type) {
    case 'operation':
      return lasted(event.refused ? 'refused' : event.failed ? 'failed' : 'operation', event.ms, event.operation)
    case 'refreshDone':
      return event.adopted ? null : lasted('refresh', event.ms)
    case 'refreshFailed':
      return lasted('failure', event.ms)
    case 'refreshRetried':
      return lasted('retry', 0)
    case 'waited':
      return lasted('wait', event.ms)
    case 'replayed':
      return lasted('replay', 0, event.operation)
    case 'adopted':
    case 'signedIn':
      return lasted(event.type, 0)
    case 'ended':
      return lasted('ended', 0, event.reason)
    default:
      return null
  }
}

function count(figures: SessionFigures, event: TimedSessionEvent): SessionFigures {
  const plus = (name: keyof SessionFigures): SessionFigures => ({ ...figures, [name]: figures[name] + 1 })
  switch (event.type) {
    case 'operation':
      return event.refused ? { ...plus('operations'), noticed: figures.noticed + 1 } : plus('operations')
    case 'refreshDone':
      return event.adopted ? figures : plus('refreshes')
    case 'adopted':
      return plus('adopted')
    case 'refreshFailed':
      return plus('failures')
    case 'replayed':
      return plus('replays')
    case 'waited':
      return plus('waits')
    default:
      return figures
  }
}
