import { describe, expect, it } from '@jest/globals'
import { formatLine, logLines } from '../src/inspector/log-lines.ts'
import { type Mark, recordSession } from '../src/inspector/record-session.ts'
import { createListeners } from '../src/session/events.ts'
import type { SessionEvent } from '../src/session/index.ts'

/** A session that only emits events; its token lives for a minute. */
function eventsOnly() {
  const all = createListeners<SessionEvent & { at: number }>()
  const session = { events: all, accessTokenExpiresInMs: 60_000 } as unknown as Parameters<typeof recordSession>[0]
  return { record: recordSession(session), tell: (at: number, event: SessionEvent) => all.emit({ ...event, at }) }
}

const operation = (ms: number, name = 'Me'): SessionEvent => ({
  type: 'operation',
  ms,
  refused: false,
  failed: false,
  operation: name,
})

describe('the inspector', () => {
  it('counts a refresh shared by fifty operations, and shows each token until the next one', () => {
    const { record, tell } = eventsOnly()
    tell(0, { type: 'signedIn' })
    for (let n = 0; n < 50; n++) tell(1_000, { type: 'waited', ms: 200 })
    tell(1_000, { type: 'refreshDone', ms: 210, shared: 50, adopted: false })
    for (let n = 0; n < 50; n++) tell(1_010, { type: 'replayed', operation: 'Me' })
    for (let n = 0; n < 50; n++) tell(1_020 + n, operation(300 + n))
    tell(2_000, { type: 'ended', reason: 'SIGNED_OUT', origin: 'here' })
    expect(record.figures).toEqual({
      operations: 50,
      refreshes: 1,
      adopted: 0,
      failures: 0,
      replays: 50,
      waits: 50,
      noticed: 0,
    })
    const lives = record.marks.filter(({ kind }) => kind === 'token')
    expect(lives.map(({ from, to }) => [from, to])).toEqual([
      [0, 1_000],
      [1_000, 2_000],
    ])
  })

  it('describes the marks in words, newest first, with one line per kind', () => {
    const { record, tell } = eventsOnly()
    tell(0, { type: 'signedIn' })
    for (const ms of [12.4, 80, 40]) tell(500 + ms, operation(ms))
    tell(900, operation(7, 'Devices'))
    const said = logLines(record.marks, 10).map((line) => formatLine(line, line.kind))
    expect(said).toEqual(['operation · Devices · 7 ms', 'operation · Me · 3 × · 12–80 ms', 'signedIn'])
    expect(logLines(record.marks, 1)).toHaveLength(1)
  })

  it('counts an operation that is refused for good and a failed refresh separately', () => {
    const { record, tell } = eventsOnly()
    tell(0, { type: 'operation', ms: 5, refused: true, failed: true, operation: 'Me' })
    tell(1, { type: 'refreshFailed', ms: 9, shared: 1 })
    tell(2, { type: 'operation', ms: 5, refused: false, failed: true, operation: 'Me' })
    expect(record.figures).toMatchObject({ noticed: 1, failures: 1 })
    expect(record.marks.map(({ kind }: Mark) => kind)).toEqual(['refused', 'failure', 'failed'])
  })

  it('marks a retried refresh', () => {
    const { record, tell } = eventsOnly()
    tell(5, { type: 'refreshRetried', attempt: 1, delayMs: 200 })
    expect(record.marks).toEqual([{ kind: 'retry', from: 5, to: 5, label: undefined }])
  })

  it('keeps only the latest marks, and none after it is stopped', () => {
    const all = createListeners<SessionEvent & { at: number }>()
    const record = recordSession({ events: all, accessTokenExpiresInMs: null } as never, 3)
    for (let at = 0; at < 9; at++) all.emit({ ...operation(0), at })
    expect(record.marks.map(({ to }) => to)).toEqual([6, 7, 8])
    record.stop()
    all.emit({ ...operation(0), at: 9 })
    expect(record.figures.operations).toBe(9)
  })
})
