import { isIP } from 'node:net'
import { z } from 'zod'
import type { NamedSecret } from './core/tokens/keyring.ts'
import { originProblem } from './start/cors-origins.ts'
import { estimateBits, MIN_SECRET_BITS } from './start/secret-strength.ts'

/** The settings from the environment. Names include the unit. */
export type Config = Readonly<ReturnType<typeof toConfig>>

type Environment = Readonly<Record<string, string | undefined>>

/** Lists every invalid variable in one message. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Invalid environment:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

const MIN_SECRET_BYTES = 32
const defaultLooking = /change[-_ ]?me|example|default|placeholder|replace|your[-_ ]?secret|^(.)\1+$/i

const whole = (min: number, max: number) => {
  const isWithin = (text: string) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max
  return z.string().refine(isWithin, `must be a whole number from ${min} to ${max}`).transform(Number)
}

const DAY_MS = 86_400_000
/** From short to long. */
const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS }

/** In the largest unit in which it is a whole number, as in the documentation. */
function describeDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(unitsMs).findLast(([, length]) => ms % length === 0) ?? ['ms', 1]
  return ms === 0 ? '0' : `${ms / unitMs}${unit}`
}

/** `500ms`, `30s`, `1m`, `12h`, `7d` or a number of seconds, in milliseconds. */
const duration = (minMs: number, maxDays = 3_650) =>
  z.string().transform((text, context) => {
    const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? []
    const ms = Math.round(Number(amount) * (unitsMs[unit] ?? Number.NaN))
    if (ms >= minMs && ms <= maxDays * DAY_MS) return ms
    const range = `from ${describeDuration(minMs)} to ${describeDuration(maxDays * DAY_MS)}`
    context.addIssue(`must be a duration such as 500ms, 30s, 1m or 7d, ${range}`)
    return z.NEVER
  })

const wholeSeconds = (minMs: number) =>
  duration(minMs).refine((ms) => ms % 1000 === 0, 'must be whole seconds, because token lifetimes are in seconds')

/** The error and the documentation name `true` and `false`; the others are accepted too, in any case. */
const flag = z.stringbool({ truthy: ['true', '1', 'on'], falsy: ['false', '0', 'off'], error: 'must be true or false' })

/** Parses `kid:secret[,kid:secret…]` without validating it. */
const readSecrets = (text: string): NamedSecret[] =>
  text.split(',').map((entry) => {
    const colon = entry.indexOf(':')
    return { kid: entry.slice(0, Math.max(colon, 0)).trim(), secret: entry.slice(colon + 1).trim() }
  })

const secrets = z.string().transform((text, context): NamedSecret[] => {
  const entries = readSecrets(text)
  if (entries.some(({ kid }) => !/^[\w.-]{1,64}$/.test(kid))) {
    context.addIssue(
      'must be kid:secret[,kid:secret…]; a kid consists of letters, digits, dots, dashes and underscores',
    )
  }
  if (new Set(entries.map(({ kid }) => kid)).size < entries.length) context.addIssue('contains the same kid twice')
  if (entries.some(({ secret }) => Buffer.byteLength(secret) < MIN_SECRET_BYTES)) {
    context.addIssue(`needs secrets of at least ${MIN_SECRET_BYTES} bytes; generate one with: openssl rand -base64 48`)
  }
  return entries
})

const origins = z.string().transform((text, context) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const problem = originProblem(entry)
      if (problem !== null) context.addIssue(problem)
      return entry
    }),
)

/** The other cookies have the names `<name>-hint` and `<name>-device`, or `device` beside the default name. */
const cookieName = z
  .string()
  .regex(
    /^(?!__|device$)[\w.-]{1,64}(?<!-hint|-device)$/,
    'must consist of letters, digits, dots, dashes and underscores; it must not start with "__", because the server adds the prefix, nor be "device" or end in "-hint" or "-device", the names of its other cookies',
  )

const isUrlPath = (text: string) => URL.canParse(text, 'http://host') && new URL(text, 'http://host').pathname === text

const cookiePath = z
  .string()
  .refine(
    (text) => text.startsWith('/') && !text.includes(';') && isUrlPath(text),
    'must be an absolute path as in a URL, such as / or /app, without a query',
  )

/** An address or a network such as 10.0.0.0/8, but not the network of all addresses (`/0`). */
function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(text.trim()) ?? []
  return isIP(address) > 0 && Number(prefix ?? 1) <= (isIP(address) === 4 ? 32 : 128)
}

/** `true`, `false`, a number of proxies, or a comma-separated list of addresses and networks, as in Fastify. */
const trustProxy = z
  .string()
  .refine((text) => /^(true|false|\d+)$/i.test(text) || text.split(',').every(isNetwork), {
    message:
      'must list addresses such as 10.0.0.1 and networks such as 10.0.0.0/8, or be true, false or a number of proxies',
  })
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : /^(true|false)$/i.test(text) ? /true/i.test(text) : text))

/** Checks what the driver requires, because the driver's own error would not name the variable. */
function isPostgresUrl(text: string): boolean {
  try {
    decodeURIComponent(text)
    return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/'))
  } catch {
    return false
  }
}

const postgresUrl = z
  .string()
  .refine(
    isPostgresUrl,
    'must be a URL such as postgres://user:password@host:5432/name; in a password, write % as %25, # as %23, / as %2F and ? as %3F',
  )

const bearerToken = z
  .string()
  .regex(
    /^[\x21-\x7e]{32,}$/,
    'must have at least 32 characters and no spaces; generate one with: openssl rand -base64 48',
  )

const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  DATABASE_URL: postgresUrl.optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_LISTEN_URL: postgresUrl.optional(),
  DEMO_USERS: flag.optional(),
  DATABASE_POOL_SIZE: whole(2, 500).default(10),
  DATABASE_PREPARED_STATEMENTS: flag.default(true),
  REVOCATION_FEED_TIMEOUT: duration(300, 1).default(3_000),
  ACCESS_TOKEN_SECRETS: secrets.optional(),
  REFRESH_TOKEN_SECRETS: secrets.optional(),
  ACCESS_TOKEN_TTL: wholeSeconds(1_000).default(60_000),
  REFRESH_TOKEN_TTL: wholeSeconds(1_000).default(7 * DAY_MS),
  SESSION_ABSOLUTE_TTL: wholeSeconds(0).default(30 * DAY_MS),
  REFRESH_TOKEN_MODE: z.enum(['sliding', 'fixed', 'static']).default('sliding'),
  REFRESH_GRACE_PERIOD: duration(0).default(10_000),
  MAX_SESSIONS_PER_USER: whole(0, 10_000).default(100),
  TOKEN_ISSUER: z.string().default('silent-refresh'),
  TOKEN_AUDIENCE: z.string().default('silent-refresh'),
  PASSWORD_COST: whole(4, 15).default(12),
  CORS_ORIGINS: origins.default([]),
  TRUST_PROXY: trustProxy.default(false),
  COOKIE_SECURE: flag.optional(),
  COOKIE_NAME: cookieName.default('refresh-token'),
  COOKIE_PATH: cookiePath.default('/'),
  RATE_LIMIT_LOGIN_PER_ACCOUNT: whole(0, 1_000_000).default(10),
  RATE_LIMIT_LOGIN_PER_ADDRESS: whole(0, 1_000_000).default(100),
  RATE_LIMIT_REFRESH_PER_SESSION: whole(0, 1_000_000).default(60),
  METRICS_TOKEN: bearerToken.optional(),
  METRICS_PORT: whole(0, 65_535).optional(),
  EVENT_RETENTION: duration(0).default(90 * DAY_MS),
  INTROSPECTION: flag.optional(),
  PUBLISH_SCHEMA: flag.optional(),
  PLAYGROUND: flag.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
  KEEP_ALIVE_TIMEOUT: duration(1_000, 1).default(650_000),
  SHUTDOWN_GRACE: duration(0, 1).default(10_000),
})

/** The names of all variables; `.env.example` explains each. */
export const variableNames: readonly string[] = Object.keys(schema.shape)

/**
 * Reads the environment; no other module does. An empty variable counts as unset.
 * @throws ConfigError listing every invalid variable.
 */
export function loadConfig(env: Environment): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(
        (issue) => `${String(issue.path[0])} ${issue.message.replace(/^Invalid option: expected/, 'must be')}`,
      )
  if (parsed.success && parsed.data.METRICS_PORT === parsed.data.PORT && parsed.data.PORT !== 0) {
    problems.push('METRICS_PORT must differ from PORT')
  }
  // Reported together with the rest, so that all problems can be fixed at once.
  if (given.NODE_ENV === 'production') problems.push(...productionProblems(given))
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems)
  return Object.freeze(toConfig(parsed.data))
}

/**
 * What the command line needs: the location of the database, and the cost of new passwords. All else may be missing.
 * @throws ConfigError
 */
export function loadDatabaseConfig(env: Environment): Pick<Config, 'databaseUrl' | 'dataDir' | 'passwordCost'> {
  const { DATABASE_URL, DATA_DIR, PASSWORD_COST } = env
  return loadConfig({ DATABASE_URL, DATA_DIR, PASSWORD_COST })
}

function productionProblems(env: Environment): string[] {
  const problems: string[] = []
  const [access = [], refresh = []] = ['ACCESS_TOKEN_SECRETS', 'REFRESH_TOKEN_SECRETS'].map((name) => {
    const secrets = env[name] === undefined ? [] : readSecrets(env[name]).map(({ secret }) => secret)
    if (env[name] === undefined) problems.push(`${name} must be set in production`)
    if (secrets.some((secret) => defaultLooking.test(secret))) {
      problems.push(`${name} looks like an example; generate one with: openssl rand -base64 48`)
    } else if (secrets.some((secret) => estimateBits(secret) < MIN_SECRET_BITS)) {
      problems.push(`${name} is too easy to guess; generate one with: openssl rand -base64 48`)
    }
    return secrets
  })
  if (access.some((secret) => refresh.includes(secret))) {
    problems.push('REFRESH_TOKEN_SECRETS must differ from ACCESS_TOKEN_SECRETS')
  }
  if (/^\d+$/.test(env.PASSWORD_COST ?? '') && Number(env.PASSWORD_COST) < 10) {
    problems.push('PASSWORD_COST must be at least 10 in production')
  }
  if (defaultLooking.test(env.METRICS_TOKEN ?? '')) {
    problems.push('METRICS_TOKEN looks like an example; generate one with: openssl rand -base64 48')
  }
  if (flag.safeParse(env.DEMO_USERS).data === true) problems.push('DEMO_USERS must not be true in production')
  return problems
}

function toConfig(env: z.output<typeof schema>) {
  const production = env.NODE_ENV === 'production'
  return {
    production,
    host: env.HOST,
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    databaseListenUrl: env.DATABASE_LISTEN_URL,
    demoUsers: env.DEMO_USERS ?? (env.DATABASE_URL === undefined && !production),
    dataDir: env.DATA_DIR,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    preparedStatements: env.DATABASE_PREPARED_STATEMENTS,
    revocationFeedTimeoutMs: env.REVOCATION_FEED_TIMEOUT,
    accessTokenSecrets: env.ACCESS_TOKEN_SECRETS,
    refreshTokenSecrets: env.REFRESH_TOKEN_SECRETS,
    accessTokenTtlSeconds: env.ACCESS_TOKEN_TTL / 1000,
    refreshTokenTtlMs: env.REFRESH_TOKEN_TTL,
    sessionAbsoluteTtlMs: env.SESSION_ABSOLUTE_TTL === 0 ? null : env.SESSION_ABSOLUTE_TTL,
    refreshTokenMode: env.REFRESH_TOKEN_MODE,
    refreshGracePeriodMs: env.REFRESH_GRACE_PERIOD,
    maxSessionsPerUser: env.MAX_SESSIONS_PER_USER,
    tokenIssuer: env.TOKEN_ISSUER,
    tokenAudience: env.TOKEN_AUDIENCE,
    passwordCost: env.PASSWORD_COST,
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    cookieSecure: env.COOKIE_SECURE ?? production,
    cookieName: env.COOKIE_NAME,
    cookiePath: env.COOKIE_PATH,
    maxLoginsPerMinutePerAccount: env.RATE_LIMIT_LOGIN_PER_ACCOUNT,
    maxLoginsPerMinutePerAddress: env.RATE_LIMIT_LOGIN_PER_ADDRESS,
    maxRefreshesPerMinutePerSession: env.RATE_LIMIT_REFRESH_PER_SESSION,
    metricsToken: env.METRICS_TOKEN,
    metricsPort: env.METRICS_PORT,
    eventRetentionMs: env.EVENT_RETENTION,
    introspection: env.INTROSPECTION ?? !production,
    publishSchema: env.PUBLISH_SCHEMA ?? !production,
    playground: env.PLAYGROUND ?? !production,
    logLevel: env.LOG_LEVEL,
    /** Undefined: readable in a terminal, else JSON. */
    logFormat: env.LOG_FORMAT,
    keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT,
    shutdownGraceMs: env.SHUTDOWN_GRACE,
  }
}
