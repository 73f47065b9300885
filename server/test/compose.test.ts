import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { ConfigError, loadConfig, variableNames } from '../src/config.ts'
import { startTestServer } from './support/test-server.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Service {
  environment: Record<string, string | number>
  ports?: string[]
  volumes?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
}
const compose: { services: Record<'app' | 'postgres', Service>; volumes: Record<string, unknown> } = parse(
  read('docker-compose.yml'),
)
const { app, postgres } = compose.services

/** Substitutes `${NAME:-default}` and `${NAME:?message}` from this environment, as Docker does. */
function substituted(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(app.environment).map(([name, value]) => [
      name,
      String(value).replace(
        /\$\{(\w+):[-?]([^}]*)\}/g,
        (whole, wanted, fallback) => env[wanted] ?? (whole.includes(':-') ? fallback : whole),
      ),
    ]),
  )
}

const given = {
  POSTGRES_PASSWORD: '6f1c',
  ACCESS_TOKEN_SECRETS: 'k1:Zr0vJ8sQm1uXc5yHt7bNe3wKa9dLf6gP',
  REFRESH_TOKEN_SECRETS: 'k1:Mn7bVc9xZl1kJh3gFd5sAp7oIu9yTr2e',
}

describe('docker-compose.yml', () => {
  it('sets only variables that the server reads, to values that it accepts', () => {
    expect(Object.keys(app.environment).filter((name) => !variableNames.includes(name))).toEqual([])
    expect(loadConfig(substituted(given))).toMatchObject({ production: true, host: '0.0.0.0', cookieSecure: true })
    expect(() => loadConfig(substituted({ ...given, COOKIE_SECURE: 'perhaps' }))).toThrow(ConfigError)
  })

  it.each(['ACCESS_TOKEN_SECRETS', 'REFRESH_TOKEN_SECRETS'])('contains no %s and requires one to start', (name) => {
    expect(app.environment[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?[^}]+\\}$`))
  })

  it('connects the service to its Postgres', () => {
    const url = new URL(substituted(given).DATABASE_URL ?? '')
    expect(Object.keys(compose.services)).toContain(url.hostname)
    expect(url.username).toBe(postgres.environment.POSTGRES_USER)
    expect(url.pathname).toBe(`/${postgres.environment.POSTGRES_DB}`)
    expect(url.password).toBe(given.POSTGRES_PASSWORD)
    expect(postgres.environment.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?/)
    expect(app.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    expect(postgres.healthcheck?.test.join(' ')).toContain('pg_isready')
  })

  it('publishes the port the server listens on', () => {
    const [published = ''] = app.ports ?? []
    expect(published.split(':').at(-1)).toBe(String(app.environment.PORT))
    expect(read('Dockerfile')).toMatch(new RegExp(`^EXPOSE ${app.environment.PORT}$`, 'm'))
  })

  it('declares the data volume', () => {
    const named = (postgres.volumes ?? []).map((volume) => volume.split(':', 1)[0])
    expect(named).toEqual(Object.keys(compose.volumes))
  })
})

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ')
  const [build = '', dependencies = '', service = ''] = dockerfile.split(/^(?=FROM )/m).slice(1)
  const copies = (stage: string) =>
    [...stage.matchAll(/^COPY (?:--from=(\S+) )?(.+) (\S+)$/gm)].map(([, from, sources = '', target = '']) => ({
      ...{ from, sources: sources.split(' '), target },
    }))

  it('copies only files that exist and are not ignored', () => {
    const ours = [build, dependencies, service].flatMap(copies).filter(({ from }) => from === undefined)
    const sources = ours.flatMap(({ sources }) => sources)
    const ignored = read('.dockerignore').split('\n')
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.filter((source) => !existsSync(join(root, source)) || ignored.includes(source))).toEqual([])
  })

  it('puts the build output where the server looks for it', () => {
    const targets = copies(service).flatMap(({ from, sources, target }) =>
      from === 'build' ? [[sources, target]] : [],
    )
    expect(targets).toEqual([
      [['/app/server/dist'], 'server/dist'],
      [['/app/client/dist/app'], 'client/dist/app'],
    ])
    expect(service).toMatch(/^COPY schema\.graphql \.\/$/m)
  })

  it('builds every stage on one image of Node, pinned by its exact version and digest', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(bases).toEqual(Array(3).fill('$' + '{NODE_IMAGE}'))
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-slim@sha256:[0-9a-f]{64}$/m)
  })

  it('runs as an unprivileged user, without development dependencies', () => {
    expect(service).toMatch(/^USER (?!root|0)\w+$/m)
    expect(dependencies).toContain('--omit dev')
    expect(copies(service).filter(({ sources }) => sources.join().includes('node_modules'))).toEqual([])
  })

  it('keeps secrets out of the image', () => {
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env', '.data', '.git']))
    expect(dockerfile).not.toMatch(/SECRET|PASSWORD/)
  })

  it('reports a running server as healthy and a stopped one as unhealthy', async () => {
    const command: string[] = JSON.parse(/^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(service)?.[1] ?? '[]')
    const check = (port: string) =>
      promisify(execFile)(process.execPath, command.slice(1), { env: { PORT: port } }).then(
        () => 'healthy',
        () => 'unhealthy',
      )
    const server = await startTestServer()
    const { port } = new URL(server.url)
    expect(command[0]).toBe('node')
    expect(await check(port)).toBe('healthy')
    await server.stop()
    expect(await check(port)).toBe('unhealthy')
  })
})
