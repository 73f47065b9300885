import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readArguments, usage } from '../bench/arguments.ts'
import { isDisturbed } from '../bench/client/presentation.ts'
import { parseResponse } from '../bench/load/connection.ts'
import { medianOf, percentile, rate } from '../bench/measure/format.ts'
import { presentations } from '../bench/presentations.ts'
import { assignCores } from '../bench/processes/cores.ts'
import { type Goal, verdictOn, withGoals } from '../bench/report/goal.ts'
import { RECOMMENDED_NODE } from '../bench/report/introduction.ts'
import type { Presentation } from '../bench/report/presentation.ts'
import { renderQuickSection, renderReport } from '../bench/report/render-report.ts'
import type { Result } from '../bench/report/result.ts'
import { readResults } from '../bench/report/results.ts'

const root = join(import.meta.dirname, '..')

describe('the command line', () => {
  const known = ['http', 'tokens']

  it('takes the names of groups and long options', () => {
    expect(readArguments([], known)).toEqual({ names: [], quick: false, report: false, help: false })
    expect(readArguments(['tokens', '--quick'], known)).toMatchObject({ names: ['tokens'], quick: true })
  })

  it('refuses what it does not know', () => {
    expect(() => readArguments(['htpp'], known)).toThrow('Unknown group htpp; there are http, tokens.')
    expect(() => readArguments(['--fast'], known)).toThrow('--fast')
    expect(() => readArguments(['http', '--report'], known)).toThrow('--report measures nothing: use it alone.')
  })

  it('lists every group in its help', () => {
    expect(usage({ http: { title: 'Requests a second' } })).toContain('  http      Requests a second')
  })

  it('ends with 2 when it is wrong', () => {
    const args = ['--import', 'tsx', 'bench/main.ts', 'htpp']
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, expect.stringContaining('Unknown group htpp; there are http, rotation,')])
  }, 60_000)
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
      circumstances: ['Core 1 ran the server.'],
      tables: [{ title: 'Medians', columns: ['What', '/s'], rows: [['a | b', '12']] }],
    },
  }

  const presentation = { title: 'Requests', notes: [`A note\n      over ${'several '.repeat(30)}lines.`] }

  it('has a chapter for each measured group, in order', () => {
    const later = { ...result, section: { ...result.section, title: 'Tokens' } }
    const report = renderReport(
      { tokens: later, http: result },
      {
        ...{ http: presentation, sockets: presentation, tokens: presentation },
      },
    )
    expect(report.match(/^## .*/gm)).toEqual(['## Requests', '## Tokens'])
    expect(report).toContain('### Medians\n\n| What | /s |\n| --- | ---: |\n| a \\| b | 12 |\n')
    expect(report).toContain('Measured 2026-11-30T12:00Z at abc1234, on 2 × a processor; Node v24.0.0, fastify 5.0.0.')
    expect(report).toMatch(/`npm run bench -- http` took\s61\ss/)
  })

  it('breaks long notes into lines', () => {
    const lines = renderReport({ http: result }, { http: presentation }).split('\n')
    expect(lines.filter((line) => line.length > 120)).toEqual([])
    expect(lines.some((line) => line.startsWith('A note over several'))).toBe(true)
  })
})

describe('RESULTS.md', () => {
  const report = readFileSync(join(root, 'bench/RESULTS.md'), 'utf8')

  it('shows the stored results (otherwise run npm run bench -- --report)', () => {
    expect(report).toBe(renderReport(readResults(), presentations))
  })

  it('marks every goal', () => {
    const goals = Object.values<Presentation>(presentations).flatMap((presentation) => presentation.goals ?? [])
    const isMarked = ({ row, bound }: Goal) =>
      ['met', '**missed**', 'not measured'].some((mark) =>
        report.split('\n').some((line) => line.startsWith(`| ${row} |`) && line.endsWith(`| ${bound}: ${mark} |`)),
      )
    expect(goals.length).toBeGreaterThan(10)
    expect(goals.filter((goal) => !isMarked(goal))).toEqual([])
    expect(report).not.toContain('to reach')
  })

  it('says at the top which code and which Node were measured', () => {
    const first = (commit: string, node: string): Result => ({
      environment: { date: '2026-11-30T12:00Z', commit, machine: 'a machine', node, packages: {} },
      seconds: 1,
      section: { title: 'Tokens', tables: [] },
    })
    const top = (...results: Result[]) =>
      renderReport(Object.fromEntries(results.map((result, index) => [`group${index}`, result])), {}).replace(
        /\s+/g,
        ' ',
      )
    const node = `v${RECOMMENDED_NODE}.1.0`
    expect(top(first('abc', node), first('abc', node))).not.toMatch(/clean commit|Measured on Node/)
    expect(top(first('abc', node), first('def', node))).toContain('abc (group0); def (group1).')
    expect(top(first('abc, with uncommitted changes', node))).toContain('not all measured at one clean commit')
    expect(top(first('abc', 'v20.20.2'))).toContain(
      `Measured on Node v20.20.2; README.md recommends Node ${RECOMMENDED_NODE}`,
    )
    expect(readFileSync(join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(
      `Use Node ${RECOMMENDED_NODE}.`,
    )
  })
})

describe('a goal', () => {
  it.each([
    ['≥ 0.75', ['0.75', '1.20'], 'met'],
    ['≥ 0.75', ['0.80', '0.44'], 'missed'],
    ['≥ 3', ['1.69', '–'], 'missed'],
    ['≥ 3', ['–', 'failed: 400'], 'not measured'],
    ['≤ 1.2', ['1.00'], 'met'],
    ['< 3,000 ms', ['3,616 ms'], 'missed'],
    ['< 3,000 ms', ['999 ms'], 'met'],
  ] as const)('%s with %j is %s', (bound, cells, verdict) => {
    expect(verdictOn({ row: 'a', columns: [], bound }, cells)).toBe(verdict)
  })

  it('is refused without a sign', () => {
    expect(() => verdictOn({ row: 'a', columns: [], bound: '3' }, ['1'])).toThrow('3 is no goal.')
  })

  it('is shown in the row that it is about', () => {
    const table = {
      columns: ['', 'ratio'],
      rows: [
        ['table', '1.30'],
        ['indexes', '1.00'],
      ],
    }
    const goals = [{ row: 'table', columns: ['ratio'], bound: '≤ 1.2' }]
    expect(withGoals(table, goals)).toEqual({
      columns: ['', 'ratio', 'goal'],
      rows: [
        ['table', '1.30', '≤ 1.2: **missed**'],
        ['indexes', '1.00', ''],
      ],
    })
    expect(withGoals({ ...table, columns: ['', 'size'] }, goals).columns).toEqual(['', 'size'])
  })
})

describe('a quick run', () => {
  it('says first that its figures mean nothing, and compares them with no goal', () => {
    const rows = [['first start, which creates the embedded Postgres', '9 ms']]
    const text = renderQuickSection({ title: 'Start', tables: [{ columns: ['', 'until ready'], rows }] })
    const [line] = text.split('\n')
    expect(line).toBe('A quick run of “Start” only shows that the benchmark works. Its figures mean nothing.')
    expect(text).toContain('9 ms')
    expect(text).not.toMatch(/goal|to reach|medians/)
  })
})

describe('times of first loads', () => {
  const table = (...rows: string[][]) => ({
    title: 'First load of the app',
    columns: ['Page', 'first paint', 'usable'],
    rows,
  })

  it.each([
    [
      'hold together',
      [
        ['a, processor ÷ 4', '100 ms', '200 ms'],
        ['a, processor ÷ 6', '150 ms', '300 ms'],
      ],
      false,
    ],
    [
      'are noise when a slower processor is faster',
      [
        ['a, processor ÷ 4', '100 ms', '300 ms'],
        ['a, processor ÷ 6', '100 ms', '200 ms'],
      ],
      true,
    ],
    ['are noise when a page is usable before it is painted', [['a, processor ÷ 4', '300 ms', '200 ms']], true],
  ] as const)('%s', (_, rows, disturbed) => {
    expect(isDisturbed(table(...rows.map((row) => [...row])))).toBe(disturbed)
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
