import { expect, it } from '@jest/globals'
import { createForbiddenLog } from './forbidden-log.ts'

/** A log whose minutes the test ends. */
function logWithClock() {
  const lines: object[] = []
  let timers: (() => void)[] = []
  const { forbidden } = createForbiddenLog({
    warn: (line) => lines.push(line),
    later: (run) => timers.push(run),
  })
  return {
    lines,
    refuse: (userId: string, requestId?: string) => forbidden({ userId, requiredRole: 'ADMIN' }, requestId),
    endMinute() {
      const ended = timers
      timers = []
      for (const run of ended) run()
    },
  }
}

it('S16: logs the first refusal of a user at once, and the others of each minute in one line', () => {
  const { lines, refuse, endMinute } = logWithClock()
  refuse('ada', 'request-1')
  for (let i = 0; i < 500; i += 1) refuse('ada', 'request-2')
  refuse('ben')
  expect(lines).toEqual([
    { reqId: 'request-1', userId: 'ada', requiredRole: 'ADMIN', count: 1 },
    { userId: 'ben', requiredRole: 'ADMIN', count: 1 },
  ])
  endMinute()
  expect(lines.slice(2)).toEqual([{ userId: 'ada', requiredRole: 'ADMIN', count: 500 }])
  endMinute() // a quiet minute
  refuse('ada', 'request-3')
  expect(lines.slice(3)).toEqual([{ reqId: 'request-3', userId: 'ada', requiredRole: 'ADMIN', count: 1 }])
})

it('S16: keeps the counts of a limited number of users, and has room for others a minute later', () => {
  const { lines, refuse, endMinute } = logWithClock()
  for (let i = 0; i < 2_000; i += 1) refuse(`user-${i}`)
  expect(lines).toHaveLength(1_000)
  endMinute()
  refuse('another')
  expect(lines).toHaveLength(1_001)
})
