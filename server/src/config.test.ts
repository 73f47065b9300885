import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ConfigError, loadConfig, variableNames } from './config.ts'

const goodSecrets = {
  ACCESS_TOKEN_SECRETS: 'k2:Zr0vJ8sQm1uXc5yHt7bNe3wKa9dLf6gP,k1:Qw2eRt4yUi6oPa8sDf0gHj1kLz3xCv5b',
  REFRESH_TOKEN_SECRETS: 'r1:Mn7bVc9xZl1kJh3gFd5sAp7oIu9yTr2e',
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('loadConfig', () => {
  it('has defaults for local use', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: undefined,
      preparedStatements: true,
      accessTokenTtlSeconds: 60,
      refreshTokenTtlMs: 7 * 86_400_000,
      sessionAbsoluteTtlMs: 30 * 86_400_000,
      refreshTokenMode: 'sliding',
      refreshGracePeriodMs: 10_000,
      corsOrigins: [],
      cookieSecure: false,
      cookieName: 'refresh-token',
      cookiePath: '/',
      introspection: true,
    })
  })

  it('treats an empty variable as unset', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '', COOKIE_SECURE: '' })).toEqual(loadConfig({}))
  })

  it('returns a frozen object', () => {
    const config = loadConfig({})
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError)
  })

  it('names every invalid variable in one error', () => {
    const wrong = {
      NODE_ENV: 'staging',
      PORT: '70000',
      DATABASE_URL: 'mysql://db',
      DATABASE_POOL_SIZE: 'many',
      ACCESS_TOKEN_SECRETS: 'no-kid',
      ACCESS_TOKEN_TTL: 'soon',
      REFRESH_TOKEN_MODE: 'rolling',
      CORS_ORIGINS: 'https://app.example.com/path',
      TRUST_PROXY: 'perhaps',
      COOKIE_SECURE: 'maybe',
      COOKIE_NAME: 'a b',
      COOKIE_PATH: 'app',
      LOG_LEVEL: 'loud',
    }
    const told = problemsOf(wrong).map((problem) => problem.split(' ', 1)[0])
    expect(new Set(told)).toEqual(new Set(Object.keys(wrong)))
    expect(new ConfigError(problemsOf(wrong)).message).toContain('PORT must be a whole number from 0 to 65535')
  })

  it('never includes a secret in the error', () => {
    expect(problemsOf({ ACCESS_TOKEN_SECRETS: 'k:hunter2' }).join()).not.toContain('hunter2')
  })

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1m', 60_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2.5', 2_500],
    ['0', 0],
  ])('parses the duration %s', (text, ms) => {
    expect(loadConfig({ REFRESH_GRACE_PERIOD: text }).refreshGracePeriodMs).toBe(ms)
  })

  it.each(['-1s', '1 week', '1e3', 's', '99999d'])('rejects the duration %s', (text) => {
    expect(problemsOf({ REFRESH_GRACE_PERIOD: text })).toHaveLength(1)
  })

  it('rejects durations above the limit, and a SHUTDOWN_GRACE longer than a timer allows', () => {
    expect(problemsOf({ REFRESH_TOKEN_TTL: '99999d' })).toEqual([expect.stringMatching(/from 1s to 3650d$/)])
    expect(problemsOf({ SHUTDOWN_GRACE: '30d' })).toEqual([expect.stringMatching(/from 0 to 1d$/)])
  })

  it('names limits in the largest whole unit', () => {
    expect(problemsOf({ KEEP_ALIVE_TIMEOUT: '1ms' })).toEqual([expect.stringMatching(/from 1s to 1d$/)])
    expect(problemsOf({ REVOCATION_FEED_TIMEOUT: '1ms' })).toEqual([expect.stringMatching(/from 300ms to 1d$/)])
  })

  it('accepts other words for true and false, in any case', () => {
    for (const text of ['true', 'TRUE', '1', 'on', 'On']) expect(loadConfig({ PLAYGROUND: text }).playground).toBe(true)
    for (const text of ['false', 'False', '0', 'off', 'OFF']) {
      expect(loadConfig({ PLAYGROUND: text }).playground).toBe(false)
    }
    expect(problemsOf({ PLAYGROUND: 'yes' })).toEqual(['PLAYGROUND must be true or false'])
  })

  it.each(['postgres://ada:50%off@db/app', 'postgres://ada:a#b@db/app', 'postgres://db:port/app', 'postgres//db/app'])(
    'rejects the URL %s and explains how to write passwords',
    (url) => {
      for (const name of ['DATABASE_URL', 'DATABASE_LISTEN_URL']) {
        expect(problemsOf({ [name]: url })).toEqual([expect.stringMatching(`^${name} must be a URL .* write % as %25`)])
      }
    },
  )

  it.each([
    'postgres:///app?host=/tmp',
    'postgresql://ada@/app',
    'postgres://ada:50%25@[::1]:5432/app?sslmode=require',
  ])('accepts the URL %s', (url) => expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url))

  it('requires token lifetimes in whole seconds, at least one', () => {
    expect(problemsOf({ ACCESS_TOKEN_TTL: '1500ms' })).toEqual([expect.stringContaining('whole seconds')])
    expect(problemsOf({ REFRESH_TOKEN_TTL: '0' })).toEqual([expect.stringContaining('REFRESH_TOKEN_TTL')])
    expect(loadConfig({ SESSION_ABSOLUTE_TTL: '0' }).sessionAbsoluteTtlMs).toBeNull()
  })

  it('requires a long METRICS_TOKEN and a METRICS_PORT of its own', () => {
    expect(problemsOf({ METRICS_TOKEN: 'short' })).toEqual([expect.stringContaining('at least 32 characters')])
    expect(problemsOf({ METRICS_TOKEN: 'with spaces, although it is long enough' })).toHaveLength(1)
    expect(problemsOf({ PORT: '4001', METRICS_PORT: '4001' })).toEqual(['METRICS_PORT must differ from PORT'])
    expect(loadConfig({ PORT: '0', METRICS_PORT: '0' })).toMatchObject({ metricsPort: 0, metricsToken: undefined })
  })

  it('parses CORS_ORIGINS as a list and names each entry that is not an origin', () => {
    const listed = 'https://app.example.com, capacitor://localhost,app://.'
    expect(loadConfig({ CORS_ORIGINS: listed }).corsOrigins).toEqual(listed.split(/, ?/))
    expect(problemsOf({ CORS_ORIGINS: 'null,https://app.example.com/,app://.' })).toEqual([
      expect.stringMatching(/^CORS_ORIGINS must not contain "null": /),
      expect.stringMatching(/^CORS_ORIGINS must list .*; instead of "https:.*com\/", write "https:.*com"$/),
    ])
  })

  it('accepts a COOKIE_NAME that no other cookie has, without a prefix', () => {
    for (const name of ['refresh-token', 'crm', 'crm_2.rt', 'Device', 'my-device-token']) {
      expect(loadConfig({ COOKIE_NAME: name }).cookieName).toBe(name)
    }
    const wrong = ['__Host-crm', '__secure-crm', '__crm', 'device', 'crm-device', 'crm-hint', 'a b', 'a;b', 'a=b', 'ü']
    for (const name of [...wrong, 'x'.repeat(65)]) {
      expect(problemsOf({ COOKIE_NAME: name })).toEqual([expect.stringMatching(/^COOKIE_NAME must consist of letters/)])
    }
  })

  it('accepts a COOKIE_PATH that browsers compare with URLs', () => {
    for (const path of ['/', '/app', '/app/', '/a/b.c', '/b%C3%BCcher', '/a,b']) {
      expect(loadConfig({ COOKIE_PATH: path }).cookiePath).toBe(path)
    }
    for (const path of ['app', './app', '/a;b', '/a?b', '/a#b', '/a/../b', '//app', '/a b', '/bücher', '/a\\b', '*']) {
      expect(problemsOf({ COOKIE_PATH: path })).toEqual([
        expect.stringContaining('COOKIE_PATH must be an absolute path'),
      ])
    }
  })

  it('parses TRUST_PROXY as a number, a boolean or a list', () => {
    const read = (text: string) => loadConfig({ TRUST_PROXY: text }).trustProxy
    expect(['true', 'false', '2', '10.0.0.0/8,::1'].map(read)).toEqual([true, false, 2, '10.0.0.0/8,::1'])
    for (const wrong of ['dead', '10.0.0.0/99', '0.0.0.0/0', '10.0.0.0/8/8', '10.0.0.1,,', '::1/129']) {
      expect(problemsOf({ TRUST_PROXY: wrong })).toEqual([expect.stringContaining('TRUST_PROXY must list addresses')])
    }
  })
})

describe('secrets', () => {
  it('keep their order, because the first one signs', () => {
    const { accessTokenSecrets } = loadConfig(goodSecrets)
    expect(accessTokenSecrets?.map(({ kid }) => kid)).toEqual(['k2', 'k1'])
  })

  it.each([
    ['a short secret', 'k1:short', 'at least 32 bytes'],
    ['one short secret among good ones', `${goodSecrets.ACCESS_TOKEN_SECRETS},k3:short`, 'at least 32 bytes'],
    ['a secret without a kid', 'Zr0vJ8sQm1uXc5yHt7bNe3wKa9dLf6gP', 'kid:secret'],
    ['a duplicate kid', 'k1:Zr0vJ8sQm1uXc5yHt7bNe3wKa9dLf6gP,k1:Qw2eRt4yUi6oPa8sDf0gHj1kLz3xCv5b', 'same kid'],
  ])('reject %s', (_what, value, message) => {
    expect(problemsOf({ ACCESS_TOKEN_SECRETS: value }).join()).toContain(message)
  })

  it('are required in production, reported with all other problems', () => {
    expect(problemsOf({ NODE_ENV: 'production', PORT: 'x' }).map((problem) => problem.split(' ', 1)[0])).toEqual([
      'PORT',
      'ACCESS_TOKEN_SECRETS',
      'REFRESH_TOKEN_SECRETS',
    ])
  })

  it.each([
    'k1:change-me-change-me-change-me-change-me',
    'k1:an-example-secret-of-more-than-32-bytes',
    'k1:your-secret-your-secret-your-secret-xx',
    'k1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    `${goodSecrets.ACCESS_TOKEN_SECRETS},k0:placeholder-placeholder-placeholder`,
  ])('must not look like an example in production: %s', (value) => {
    const env = { ...goodSecrets, NODE_ENV: 'production', ACCESS_TOKEN_SECRETS: value }
    expect(problemsOf(env)).toEqual([expect.stringContaining('ACCESS_TOKEN_SECRETS looks like an example')])
  })

  it.each([
    'password'.repeat(4),
    'P@ssw0rd!'.repeat(4),
    '12345678901234567890123456789012',
    'ab'.repeat(20),
    '0123456789abcdef0123456789abcdef',
    'qwertyuiopasdfghjklzxcvbnmqwertyuiop',
    'ch4ngeme-ch4ngeme-ch4ngeme-ch4ngeme',
    'silent-refresh-access-token-secret-production-2026',
  ])('must not be easy to guess in production: %s', (secret) => {
    for (const name of ['ACCESS_TOKEN_SECRETS', 'REFRESH_TOKEN_SECRETS']) {
      const [problem, ...others] = problemsOf({ NODE_ENV: 'production', ...goodSecrets, [name]: `k1:${secret}` })
      expect(problem).toBe(`${name} is too easy to guess; generate one with: openssl rand -base64 48`)
      expect(others).toEqual([])
    }
  })

  it('may be anything random in production', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(Buffer.from)
    const alphanumeric = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
    const random = fc.oneof(
      bytes(24).map((some) => some.toString('base64')),
      bytes(48).map((some) => some.toString('base64')), // openssl rand -base64 48
      bytes(48).map((some) => some.toString('base64url')),
      bytes(16).map((some) => some.toString('hex')),
      bytes(32).map((some) => some.toString('hex')), // openssl rand -hex 32
      fc.tuple(fc.uuid({ version: 4 }), fc.uuid({ version: 4 })).map((pair) => pair.join('')),
      fc.array(alphanumeric, { minLength: 32, maxLength: 32 }).map((some) => some.join('')),
    )
    fc.assert(
      fc.property(fc.noBias(random), (secret) => {
        expect(problemsOf({ NODE_ENV: 'production', ...goodSecrets, ACCESS_TOKEN_SECRETS: `k1:${secret}` })).toEqual([])
      }),
      { numRuns: 2_000, seed: 1 },
    )
  })

  it('must differ between the two kinds of token in production', () => {
    const env = { NODE_ENV: 'production', ...goodSecrets, REFRESH_TOKEN_SECRETS: goodSecrets.ACCESS_TOKEN_SECRETS }
    expect(problemsOf(env)).toEqual(['REFRESH_TOKEN_SECRETS must differ from ACCESS_TOKEN_SECRETS'])
    const renamed = goodSecrets.ACCESS_TOKEN_SECRETS.replaceAll(/k(\d):/g, 'r$1:')
    expect(problemsOf({ ...env, REFRESH_TOKEN_SECRETS: renamed })).toHaveLength(1)
  })

  it('let production start with secure defaults', () => {
    const config = loadConfig({ NODE_ENV: 'production', ...goodSecrets })
    expect(config).toMatchObject({ production: true, cookieSecure: true, introspection: false })
    expect(problemsOf({ NODE_ENV: 'production', ...goodSecrets, PASSWORD_COST: '4' })).toHaveLength(1)
  })
})

describe('DEMO_USERS', () => {
  it('are created with the embedded database only, unless they are asked for', () => {
    const DATABASE_URL = 'postgres://db/app'
    expect(loadConfig({}).demoUsers).toBe(true)
    expect(loadConfig({ DATABASE_URL }).demoUsers).toBe(false)
    expect(loadConfig({ DATABASE_URL, DEMO_USERS: 'true' }).demoUsers).toBe(true)
    expect(loadConfig({ DEMO_USERS: 'false' }).demoUsers).toBe(false)
  })

  it('are refused in production', () => {
    const production = { NODE_ENV: 'production', ...goodSecrets }
    expect(loadConfig(production).demoUsers).toBe(false)
    expect(problemsOf({ ...production, DEMO_USERS: 'on' })).toEqual(['DEMO_USERS must not be true in production'])
  })
})

describe('.env.example', () => {
  const text = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')
  const example = parseEnv(text) as Record<string, string>
  const withoutDefault = [
    'DATABASE_URL',
    'DATABASE_LISTEN_URL',
    'DEMO_USERS',
    'ACCESS_TOKEN_SECRETS',
    'REFRESH_TOKEN_SECRETS',
    'CORS_ORIGINS',
    'COOKIE_SECURE',
    'INTROSPECTION',
    'LOG_FORMAT',
    'PLAYGROUND',
    'PUBLISH_SCHEMA',
    'METRICS_PORT',
    'METRICS_TOKEN',
  ]

  it('lists exactly the variables that are read', () => {
    expect(Object.keys(example).sort()).toEqual([...variableNames].sort())
  })

  it('shows the actual defaults', () => {
    const empty = Object.keys(example).filter((name) => example[name] === '')
    expect(empty.sort()).toEqual(withoutDefault.sort())
    expect(example.NODE_ENV).toBe('development')
    expect(loadConfig(example)).toEqual(loadConfig({}))
  })

  it('explains each variable on the line above it', () => {
    const lines = text.split('\n')
    const bare = lines.filter((line, index) => /^[A-Z_]+=/.test(line) && !lines[index - 1]?.startsWith('# '))
    expect(bare).toEqual([])
  })
})
