import { expect, it } from '@jest/globals'
import { isLogPretty } from './log-format.ts'
import { prettyLog } from './pretty-log.ts'

const settings = (logFormat: 'pretty' | 'json' | undefined, production = false) => ({ logFormat, production })

it('is pretty in a terminal outside production, and otherwise as LOG_FORMAT says', () => {
  expect(isLogPretty(settings(undefined), true)).toBe(true)
  expect(isLogPretty(settings(undefined), false)).toBe(false)
  expect(isLogPretty(settings(undefined, true), true)).toBe(false)
  expect(isLogPretty(settings('json'), true)).toBe(false)
  expect(isLogPretty(settings('pretty', true), false)).toBe(true)
})

function pretty(...entries: object[]): string {
  let output = ''
  const stream = prettyLog({ write: (text) => (output += text) }, { hasColours: false })
  for (const entry of entries) stream.write(`${JSON.stringify(entry)}\n`)
  return output
}

it('writes each line at once, with its cause below', () => {
  const time = new Date(2026, 10, 30, 14, 5, 6).getTime()
  const base = { time, pid: 1, hostname: 'host' }
  const output = pretty(
    { ...base, level: 40, msg: 'feed lost', attempt: 2 },
    { ...base, level: 50, msg: 'failed', err: { type: 'Error', message: 'boom', stack: 'Error: boom\n    at x.ts:1' } },
  )
  expect(output).toMatch(
    /^\[14:05:06\] WARN: feed lost \{"attempt":2\}\n\[14:05:06\] ERROR: failed *\n[\s\S]*at x\.ts:1/,
  )
  expect(output).not.toMatch(/hostname|pid/)
})

it('lets nothing that it quotes control the terminal', () => {
  const evil = '\x1b[2J \x9b2J \x07 \b \r \x7f C:\\bin \\u001b'
  const output = pretty({ level: 50, time: 0, msg: evil, err: { type: 'E', message: evil, stack: evil }, more: evil })
  expect(output.replaceAll('\n', '').match(/\p{Cc}/gu)).toBeNull()
  expect(output).toContain('C:\\bin \\u001b')
})
