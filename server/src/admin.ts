import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { loadDatabaseConfig } from './config.ts'
import { type AdminService, createAdminService } from './core/accounts/admin-service.ts'
import type { UserStore } from './core/accounts/user-store.ts'
import type { Role, User } from './core/model.ts'
import { MAX_ITEMS } from './core/page.ts'
import { createPasswordHasher } from './core/password/password-hasher.ts'
import { readNewPassword } from './core/password/password-input.ts'
import { resetPassword } from './core/password/password-reset.ts'
import { randomPassword } from './core/password/random-password.ts'
import { createDataSource } from './db/data-source.ts'
import { databaseTrouble } from './db/database-trouble.ts'
import { createSessionStore } from './db/session-store.ts'
import { createUserStore } from './db/user-store.ts'
import { readSecret } from './start/standard-input.ts'
import { onOutputClosed } from './start/standard-output.ts'
import { textTable } from './text-table.ts'
import { createBcryptPool } from './workers/bcrypt-pool.ts'

/** The folder of the project, which DATA_DIR is relative to. */
const root = resolve(import.meta.dirname, '../..')

/** Exit codes. */
const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2]

const program = new Command('npm run admin --')
  .description(
    'Manages users, roles and sessions. Changes take effect on running servers immediately. Uses the database of the server: DATABASE_URL, or the embedded one in DATA_DIR, with or without a running server.',
  )
  .option('--json', 'print JSON for scripts (use npm run -s, so that npm prints nothing)')
  .addHelpText('after', '\nExit codes: 0 success, 1 failure, 2 wrong usage.')
  .exitOverride()

program
  .command('make-admin <email>')
  .description('give a user the role ADMIN')
  .action((email: string) => run((admin) => setRole(admin, email, 'ADMIN')))

program
  .command('set-role <email>')
  .description('give a user a role, which applies from their next request')
  .argument('<role>', 'USER or ADMIN', readRole)
  .action((email: string, role: Role) => run((admin) => setRole(admin, email, role)))

program
  .command('list-users')
  .description('list users by name')
  .option('--search <text>', 'only users with this text in their username or email address')
  .option('--limit <number>', 'maximum number of users', readCount, 100)
  .action(({ search, limit }: { search?: string; limit: number }) =>
    run(async (admin) => {
      const { users, hasMore } = await listUsers(admin, { search, limit })
      if (hasMore) process.stderr.write(`There are more than ${limit} users. Use --limit or --search.\n`)
      list(users, ['email', 'username', 'role', 'createdAt', 'id'])
    }),
  )

program
  .command('sessions <email>')
  .description('list the live sessions of a user, most recently used first')
  .option('--limit <number>', 'maximum number of sessions', readCount, 100)
  .action((email: string, { limit }: { limit: number }) =>
    run(async (admin) => {
      const sessions = await admin.listSessions((await admin.findUser(email)).id, limit + 1)
      if (sessions.length > limit) process.stderr.write(`There are more than ${limit} sessions. Use --limit.\n`)
      const columns = [
        'id',
        'deviceName',
        'appId',
        'ipAddress',
        'createdAt',
        'lastSeenAt',
        'expiresAt',
        'userAgent',
      ] as const
      list(sessions.slice(0, limit), columns)
    }),
  )

program
  .command('end-session')
  .description('end a session')
  .argument('<id>', 'its id as listed by `sessions`')
  .action((id: string) =>
    run(async (admin) => {
      await admin.revokeSession(id, null)
      print({ ended: 1 }, 'The session has ended.')
    }),
  )

program
  .command('end-sessions <email>')
  .description('end all sessions of a user')
  .action((email: string) =>
    run(async (admin) => {
      const ended = await admin.revokeSessionsOf((await admin.findUser(email)).id, null)
      print({ ended }, describeEnded(ended))
    }),
  )

program
  .command('reset-password <email>')
  .description('set a new password, which is printed once, and end all sessions of the user')
  .option('--stdin', 'read the password from standard input instead, and print nothing secret')
  .action(async (email: string, { stdin = false }: { stdin?: boolean }) => {
    const password = stdin ? readNewPassword(await readSecret(process.stdin)) : randomPassword()
    await run(async (admin, { users, passwordCost }) => {
      const user = await admin.findUser(email)
      const bcrypt = createBcryptPool(() => {})
      const hasher = createPasswordHasher(bcrypt, { cost: passwordCost, highestStored: null })
      const ended = await resetPassword({ users, hasher }, user.id, password).finally(bcrypt.close)
      const data = { id: user.id, email: user.email, ended }
      const sentence = `${user.email} has a new password. ${describeEnded(ended)}`
      if (stdin) print(data, sentence)
      else print({ ...data, password }, `${sentence}\nThe password is ${password}; it is not shown again.`)
    })
  })

async function setRole(admin: AdminService, email: string, role: Role): Promise<void> {
  const user = await admin.setRole((await admin.findUser(email)).id, role, null)
  print({ id: user.id, email: user.email, role: user.role }, `${user.email} has the role ${user.role}.`)
}

const describeEnded = (ended: number) => (ended === 1 ? '1 session has ended.' : `${ended} sessions have ended.`)

/** Reads page after page until `limit` users are found or there are no more. */
async function listUsers(admin: AdminService, { search, limit }: { search: string | undefined; limit: number }) {
  const users: User[] = []
  for (let after: string | null = null; ; ) {
    const page = await admin.listUsers({ first: Math.min(MAX_ITEMS, limit - users.length), after }, search)
    users.push(...page.items.map(({ node }) => node))
    if (!page.hasNextPage || users.length >= limit) return { users, hasMore: page.hasNextPage }
    after = page.items.at(-1)?.cursor ?? null
  }
}

interface More {
  readonly users: UserStore
  readonly passwordCost: number
}

/** Opens the database, does the work and closes the database. */
async function run(work: (admin: AdminService, more: More) => Promise<void>): Promise<void> {
  const config = loadDatabaseConfig(process.env)
  const embedded = config.databaseUrl === undefined ? await joinEmbedded(config.dataDir) : null
  try {
    const url = config.databaseUrl ?? embedded?.url ?? ''
    // For a handful of statements, preparing gains nothing, and without it any pooler will do.
    const dataSource = createDataSource({ url, poolSize: 2, preparedStatements: false })
    await dataSource.initialize()
    try {
      if (await dataSource.showMigrations()) {
        throw new Error('The database schema is out of date. Start the server once to update it.')
      }
      const users = createUserStore(dataSource)
      const { passwordCost } = config
      await work(createAdminService(users, createSessionStore(dataSource)), { users, passwordCost })
    } finally {
      await dataSource.destroy()
    }
  } finally {
    await embedded?.stop()
  }
}

/** Loaded on demand: a container with its own Postgres does not install it. */
async function joinEmbedded(dataDir: string) {
  const { joinEmbeddedPostgres } = await import('./db/embedded/embedded-postgres.ts')
  return joinEmbeddedPostgres(resolve(root, dataDir))
}

function readRole(text: string): Role {
  const role = text.toUpperCase()
  if (role !== 'USER' && role !== 'ADMIN') throw new InvalidArgumentError('It must be USER or ADMIN.')
  return role
}

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return count
}

/** Prints the named properties of each item. */
function list<Column extends string>(
  items: readonly Readonly<Record<Column, string | Date | null>>[],
  columns: readonly Column[],
): void {
  const rows = items.map((item) => Object.fromEntries(columns.map((column) => [column, item[column]])))
  print(rows, rows.length === 0 ? 'None.' : textTable(rows))
}

function print(data: object, sentence: string): void {
  process.stdout.write(`${program.opts().json ? JSON.stringify(data) : sentence}\n`)
}

const describe = (error: unknown): string =>
  databaseTrouble(error) ?? (error instanceof Error && error.message !== '' ? error.message : String(error))

onOutputClosed(() => {}) // `… | head -1` has read all it wants
try {
  await program.parseAsync()
  process.exitCode = DONE
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? DONE : WRONG_USAGE // commander has printed the error
  } else {
    process.exitCode = FAILED
    process.stderr.write(`${describe(error)}\n`)
  }
}
