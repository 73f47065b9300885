import { createSecretKey, randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Session, User } from '../../server/src/core/model.ts'
import { createAccessTokens } from '../../server/src/core/tokens/access-token.ts'
import { createKeyring } from '../../server/src/core/tokens/keyring.ts'
import { medianOf, microseconds, ratio } from '../measure/format.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import { presentation, ROUNDS } from './presentation.ts'

export const tokens: Group = { name: 'tokens', title: presentation.title, run }

const now = new Date()
const user: User = {
  ...{ id: crypto.randomUUID(), username: 'ada', email: 'ada@example.com', role: 'USER', version: 1 },
  createdAt: now,
}
const session: Session = {
  ...{ id: crypto.randomUUID(), userId: user.id, appId: null, deviceId: null, deviceName: null, userAgent: null },
  ...{ ipAddress: null, generation: 1, rotatedAt: now, createdAt: now, lastSeenAt: now },
  expiresAt: new Date(now.getTime() + 86_400_000),
}

/** The kinds of work, each a function that does it once. */
function tasks(): Record<string, () => unknown> {
  const secret = randomBytes(36).toString('base64')
  const key = createSecretKey(Buffer.from(secret))
  const keys = createKeyring([{ kid: 'bench', secret }])
  const access = createAccessTokens(
    {
      keys,
      issuer: 'silent-refresh',
      audience: 'silent-refresh',
      clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    },
    3_600,
  )
  const claims = { sub: user.id, sid: session.id, gen: 1, username: user.username, role: user.role, ver: 1 }
  const token = jwt.sign(claims, key, { algorithm: 'HS256', expiresIn: '1h' })
  const known = access.sign(user, session, now)
  // More tokens than any cache of verified tokens keeps: each is seen for the first time.
  let next = 0
  const unknown = Array.from({ length: 50_000 }, (_, index) =>
    access.sign(user, { ...session, generation: index }, now),
  )
  return {
    'jsonwebtoken, `KeyObject`: sign': () => jwt.sign(claims, key, { algorithm: 'HS256', expiresIn: '1h' }),
    'jsonwebtoken, string: sign': () => jwt.sign(claims, secret, { algorithm: 'HS256', expiresIn: '1h' }),
    'jsonwebtoken, `KeyObject`: verify': () => jwt.verify(token, key, { algorithms: ['HS256'] }),
    'jsonwebtoken, string: verify': () => jwt.verify(token, secret, { algorithms: ['HS256'] }),
    'Silent Refresh, access token: sign': () => access.sign(user, session, now),
    'Silent Refresh, access token: verify, the first time': () => access.verify(unknown[next++ % unknown.length] ?? ''),
    'Silent Refresh, access token: verify, again': () => access.verify(known),
  }
}

async function run({ quick, progress }: RunOptions): Promise<Section> {
  const [rounds, roundMs] = quick ? [3, 50] : [ROUNDS, 300]
  const work = Object.entries(tasks())
  const times = new Map<string, number[]>(work.map(([name]) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warm-up' : `round ${round} of ${rounds}`)
    for (const [name, task] of work) {
      const time = microsecondsOf(task, roundMs)
      if (round > 0) times.get(name)?.push(time)
    }
  }
  const medians = new Map([...times].map(([name, all]) => [name, medianOf(all)]))
  const base = (name: string) =>
    medians.get(`jsonwebtoken, \`KeyObject\`: ${/sign|verify/.exec(name)?.[0]}`) ?? Number.NaN
  return {
    title: tokens.title,
    tables: [
      {
        columns: ['What', 'time', '÷ jsonwebtoken with a `KeyObject`'],
        rows: [...medians].map(([name, time]) => [name, microseconds(time), ratio(time / base(name))]),
      },
    ],
  }
}

/** How long one call takes, in microseconds. The clock is read rarely, as reading it would count. */
function microsecondsOf(task: () => unknown, durationMs: number): number {
  const start = performance.now()
  let done = 0
  for (; performance.now() - start < durationMs; done += 20) {
    for (let index = 0; index < 20; index += 1) task()
  }
  return ((performance.now() - start) * 1_000) / done
}
