import { cellsFor, figureIn, type Goal, verdictOn } from '../report/goal.ts'
import type { Presentation } from '../report/presentation.ts'
import type { Table } from '../report/section.ts'
import { type Label, labels } from './labels.ts'

const COLUMNS = ['16 connections', '64 connections']

/** The name of a ratio in the report. */
export const ratioName = (of: Label, to: Label): string => `${plain(of)} ÷ ${plain(to)}`
const plain = (label: Label): string => label.replaceAll('**', '')

const compared: readonly (readonly [of: Label, to: Label, bound: string])[] = [
  [labels.refreshToken, labels.apolloUpdate, '≥ 0.75'],
  [labels.refreshToken, labels.classic, '≥ 10'],
  [labels.refreshToken, labels.oidc, '≥ 3'],
  [labels.me, labels.apollo, '≥ 0.9'],
]
const goalOf = ([of, to, bound]: (typeof compared)[number]): Goal => ({
  row: ratioName(of, to),
  columns: COLUMNS,
  bound,
})

/** Servers that use no Postgres: what Postgres did meanwhile is not theirs. */
const WITHOUT_POSTGRES: readonly string[] = [
  ...[labels.raw, labels.apolloDefault, labels.apollo, labels.oidc, labels.oidcPlain],
]

export const presentation: Presentation = {
  title: 'Requests a second over HTTP',
  goals: compared.map(goalOf),
  show: (tables) => tables.map((table) => (isMedians(table) ? withoutForeignPostgres(table) : table)),
  remarks: (tables) => {
    const [ratios, medians] = [tables.find(({ title }) => title === 'Ratios'), tables.find(isMedians)]
    return ratios === undefined || medians === undefined ? [] : [...reasons(ratios, medians), background(medians)]
  },
  notes: [
    `Every server is a process of its own, and all run in production mode. They take turns, round after round; a figure is the
    median of the rounds, and a ratio the median of the ratios of the rounds. Each connection carries one request at a time.`,
    `"server", "load" and "Postgres" are the shares of one core that the server, the load generator and Postgres were busy.
    "µs/request" is the processor time of the server. Where "server" is near 100 %, the server's core was the limit, not the
    load generator. The first row is the least that a server in Node does for a request.`,
    `Silent Refresh is the built server with the settings of production, on an embedded Postgres that waits for the disk, with
    limits on attempts off and access tokens that live a day. It writes a log line for each request, to nowhere; the others
    write none. Servers that need a Postgres share this one, with 10 connections each. A refresh sends the token in the body,
    and each connection has a session of its own. \`me\` verifies the access token and reads the user, both from memory after
    the first time, as it does while the revocation feed is current.`,
    `The classic recipe is Express with string secrets and a table of refresh tokens: find, delete, insert. node-oidc-provider
    has a public client with rotation; its usual refresh also signs an ID token with RS256. Its adapter in memory keeps 1,000
    entries and forgets grants beyond that, which fails with many connections. better-auth reads the session on each call and,
    in the last row, extends it, which it does once a day by default.`,
  ],
}

const isMedians = ({ title }: Table): boolean => title === 'Medians'

/** The columns of each number of connections follow each other. */
const blocksOf = ({ columns }: Table) =>
  columns.flatMap((column, rate) =>
    column.startsWith('/s, ') ? [{ rate, server: rate + 1, postgres: rate + 3, cost: rate + 4 }] : [],
  )

function withoutForeignPostgres(table: Table): Table {
  const columns = blocksOf(table).map(({ postgres }) => postgres)
  const rows = table.rows.map((row) =>
    WITHOUT_POSTGRES.includes(row[0] ?? '') ? row.map((cell, index) => (columns.includes(index) ? '–' : cell)) : row,
  )
  return { ...table, rows }
}

/** What Postgres did while servers ran that do not use it. */
function background(medians: Table): string {
  const idle = medians.rows.filter(([label]) => WITHOUT_POSTGRES.includes(label ?? ''))
  const shares = blocksOf(medians).flatMap(({ postgres }) => idle.map((row) => figureIn(row[postgres])))
  const most = Math.max(...shares.filter(Number.isFinite))
  return `"Postgres" counts all that Postgres does: while servers ran that use none, it was busy for up to ${most} % of the core,
    probably with vacuuming what others had changed in their turns. The cells of these servers are left empty; the figures of
    the others contain such work too.`
}

/** Why goals were missed: what a request costs the server, or what the stack does without us. */
function reasons(ratios: Table, medians: Table): string[] {
  const missed = compared.filter((one) => verdictOn(goalOf(one), cellsFor(goalOf(one), ratios) ?? []) === 'missed')
  const texts = missed.map(
    ([of, to, bound]) =>
      (of === labels.refreshToken && outOfReach(medians, to, figureIn(bound.slice(2)))) || costs(medians, of, to),
  )
  return missed.length === 0
    ? []
    : ['Why goals were missed:', ...missed.map((one, index) => `- ${nameOf(one)}: ${texts[index]}`)]
}

const nameOf = ([of, to]: (typeof compared)[number]): string => ratioName(of, to)

/** The cells of some rows for each number of connections with which all of them were measured. */
function cellsOf(medians: Table, column: 'rate' | 'server' | 'cost', rows: readonly Label[]): string[][] {
  const all = rows.map((label) => medians.rows.find(([first]) => first === label) ?? [])
  const blocks = blocksOf(medians).filter(({ cost }) => all.every((row) => !Number.isNaN(figureIn(row[cost]))))
  return all.map((row) => blocks.map((block) => row[block[column]] ?? '–'))
}

function costs(medians: Table, of: Label, to: Label): string {
  const [own, other] = cellsOf(medians, 'cost', [of, to])
  const [busy] = cellsOf(medians, 'server', [of, to])
  return `a request of the first takes ${own?.join(' and ')} of the server's processor, one of the second
    ${other?.join(' and ')}, and the processor is the limit: its core was busy for ${busy?.join(' and ')} of the time.`
}

/** A goal for refreshes that asks for more than Apollo Server with a single UPDATE does. */
function outOfReach(medians: Table, to: Label, goal: number): string | undefined {
  const [update = [], base = []] = cellsOf(medians, 'rate', [labels.apolloUpdate, to])
  const times = update.map((cell, index) => figureIn(cell) / figureIn(base[index]))
  if (times.length === 0 || times.some((ratio) => ratio >= goal)) return undefined
  return `Apollo Server with one prepared UPDATE is itself only ${times.map((ratio) => ratio.toFixed(1)).join(' and ')} times as
    fast as the second, so no refresh that writes a row behind Apollo Server can reach this goal.`
}
