import { describe, expect, it } from '@jest/globals'
import { readArguments, usage } from '../bench/arguments.ts'
import { parseResponse } from '../bench/load/connection.ts'
import { medianOf, percentile, rate } from '../bench/measure/format.ts'
import { assignCores } from '../bench/processes/cores.ts'
import { renderReport } from '../bench/report/render-report.ts'
import type { Result } from '../bench/report/result.ts'

describe('the command line', () => {
  const known = ['http', 'tokens']

  it('takes the names of groups and long options', () => {
    expect(readArguments([], known)).toEqual({ names: [], quick: false, help: false })
    expect(readArguments(['tokens', '--quick'], known)).toEqual({ names: ['tokens'], quick: true, help: false })
  })

  it('refuses what it does not know', () => {
    expect(() => readArguments(['htpp'], known)).toThrow('Unknown group htpp; there are http, tokens.')
    expect(() => readArguments(['--fast'], known)).toThrow('--fast')
  })

  it('lists every group in its help', () => {
    expect(usage([{ name: 'http', title: 'Requests a second' }])).toContain('  http      Requests a second')
  })
})

describe('the report', () => {
  const result: Result = {
    environment: {
      ...{ date: '2026-11-30T12:00Z', commit: 'abc1234', machine: '2 × a processor', node: 'v24.0.0' },
      packages: { fastify: '5.0.0' },
    },
    seconds: 61.4,
    section: {
      title: 'Requests',
      notes: [`A note\n      over ${'several '.repeat(30)}lines.`],
      tables: [{ title: 'Medians', columns: ['What', '/s'], rows: [['a | b', '12']] }],
    },
  }

  it('has a chapter for each measured group, in order', () => {
    const later = { ...result, section: { ...result.section, title: 'Tokens' } }
    const report = renderReport({ tokens: later, http: result }, ['http', 'sockets', 'tokens'])
    expect(report.match(/^## .*/gm)).toEqual(['## Requests', '## Tokens'])
    expect(report).toContain('### Medians\n\n| What | /s |\n| --- | ---: |\n| a \\| b | 12 |\n')
    expect(report).toContain('Measured 2026-11-30T12:00Z at abc1234, on 2 × a processor; Node v24.0.0, fastify 5.0.0.')
    expect(report).toMatch(/`npm run bench -- http` took\s61\ss/)
  })

  it('breaks long notes into lines', () => {
    const lines = renderReport({ http: result }, ['http']).split('\n')
    expect(lines.filter((line) => line.length > 120)).toEqual([])
    expect(lines.some((line) => line.startsWith('A note over several'))).toBe(true)
  })
})

describe('figures', () => {
  it('are medians and percentiles', () => {
    expect(medianOf([9, 1, 5])).toBe(5)
    expect(medianOf([])).toBeNaN()
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100])
  })

  it('are a dash when they are unknown', () => {
    expect([rate(12_345.6), rate(1.25), rate(Number.NaN)]).toEqual(['12,346', '1.3', '–'])
  })
})

describe('cores', () => {
  it.each([
    ['0,1', { load: 0, server: 1, postgres: 0 }],
    ['2-5', { load: 2, server: 3, postgres: 4 }],
    ['0', null],
    ['', null],
  ])('are assigned from %j', (list, cores) => {
    expect(assignCores(list)).toEqual(cores)
  })
})

describe('a response', () => {
  const parse = (text: string) => {
    const response = parseResponse(Buffer.from(text))
    return response && { status: response.status, body: response.body.toString() }
  }

  it('ends with its length', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
    expect(parse(text)).toEqual({ status: 200, body: 'hello' })
    expect(parse(text.slice(0, -1))).toBeNull()
  })

  it('ends with its last chunk', () => {
    const text = 'HTTP/1.1 401 Unauthorized\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'
    expect(parse(text)).toEqual({ status: 401, body: 'hello' })
    for (let length = 0; length < text.length; length += 1) expect(parse(text.slice(0, length))).toBeNull()
  })
})
