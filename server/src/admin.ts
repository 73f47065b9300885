import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { loadDatabaseConfig } from './config.ts'
import { type AdminService, createAdminService } from './core/accounts/admin-service.ts'
import type { Role } from './core/model.ts'
import { createDataSource } from './db/data-source.ts'
import { translateError } from './db/translate-error.ts'
import { createSessionStore } from './db/typeorm-session-store.ts'
import { createUserStore } from './db/typeorm-user-store.ts'
import { ServiceUnavailableError } from './errors.ts'
import { textTable } from './text-table.ts'

/** What the process ends with: done; could not be done; not understood. */
const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2]

const program = new Command('npm run admin --')
  .description(
    'Makes admins, lists people and their sessions, and ends them. Running servers hear of it at once. The database is that of the server: DATABASE_URL, or the embedded one in DATA_DIR, whether a server runs there or not.',
  )
  .option('--json', 'print JSON, for programs (with npm run -s, which says nothing itself)')
  .addHelpText('after', '\nEnds with 0 when it is done, 1 when it could not be done, 2 when it was not understood.')
  .exitOverride()

program
  .command('make-admin')
  .description('give somebody the role ADMIN')
  .argument('<email>')
  .action((email: string) => run((admin) => setRole(admin, email, 'ADMIN')))

program
  .command('set-role')
  .description('give somebody a role; it counts from their next request')
  .argument('<email>')
  .argument('<role>', 'USER or ADMIN', readRole)
  .action((email: string, role: Role) => run((admin) => setRole(admin, email, role)))

program
  .command('list-users')
  .description('list people by name')
  .option('--search <text>', 'only those with this in their name or email')
  .option('--limit <number>', 'at most so many', readCount, 100)
  .action(({ search, limit }: { search?: string; limit: number }) =>
    run(async (admin) => {
      const { users, isAll } = await admin.listUsers(search?.trim() || null, limit)
      if (!isAll) process.stderr.write(`There are more than ${limit}: give --limit or --search.\n`)
      list(users.map(({ email, username, role, createdAt, id }) => ({ email, username, role, createdAt, id })))
    }),
  )

program
  .command('sessions')
  .description('list where somebody is signed in, last used first')
  .argument('<email>')
  .action((email: string) =>
    run(async (admin) => {
      const sessions = await admin.sessionsOf(email)
      list(
        sessions.map(({ id, deviceName, appId, ipAddress, createdAt, lastSeenAt, expiresAt, userAgent }) => ({
          ...{ id, deviceName, appId, ipAddress, createdAt, lastSeenAt, expiresAt, userAgent },
        })),
      )
    }),
  )

program
  .command('end-session')
  .description('end one session')
  .argument('<id>', 'as `sessions` lists it')
  .action((id: string) =>
    run(async (admin) => {
      await admin.endSession(id)
      tell({ ended: 1 }, 'The session has ended.')
    }),
  )

program
  .command('end-sessions')
  .description('end all sessions of somebody')
  .argument('<email>')
  .action((email: string) =>
    run(async (admin) => {
      const ended = await admin.endSessionsOf(email)
      tell({ ended }, ended === 1 ? '1 session has ended.' : `${ended} sessions have ended.`)
    }),
  )

async function setRole(admin: AdminService, email: string, role: Role): Promise<void> {
  const user = await admin.setRole(email, role)
  tell({ id: user.id, email: user.email, role: user.role }, `${user.email} has the role ${user.role}.`)
}

/** Opens the database, does the work, and closes what it opened. */
async function run(work: (admin: AdminService) => Promise<void>): Promise<void> {
  const config = loadDatabaseConfig(process.env)
  const embedded = config.databaseUrl === undefined ? await joinEmbedded(config.dataDir) : null
  try {
    const dataSource = createDataSource({ url: config.databaseUrl ?? embedded?.url ?? '', poolSize: 2 })
    await dataSource.initialize()
    try {
      if (await dataSource.showMigrations()) {
        throw new Error('The database is older than this program: start the server once, which brings it up to date.')
      }
      await work(createAdminService({ users: createUserStore(dataSource), sessions: createSessionStore(dataSource) }))
    } finally {
      await dataSource.destroy()
    }
  } finally {
    await embedded?.stop()
  }
}

/** Loaded only when it is needed: a container with a Postgres of its own has no embedded one. */
async function joinEmbedded(dataDir: string) {
  const { joinEmbeddedPostgres } = await import('./db/embedded/join-embedded-postgres.ts')
  return joinEmbeddedPostgres(resolve(import.meta.dirname, '../..', dataDir))
}

function readRole(text: string): Role {
  const role = text.toUpperCase()
  if (role !== 'USER' && role !== 'ADMIN') throw new InvalidArgumentError('It is USER or ADMIN.')
  return role
}

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is a whole number from 1.')
  return count
}

function list(rows: Parameters<typeof textTable>[0]): void {
  tell(rows, rows.length === 0 ? 'None.' : textTable(rows))
}

function tell(data: object, sentence: string): void {
  process.stdout.write(`${program.opts().json ? JSON.stringify(data) : sentence}\n`)
}

/** What the system says of a connection that failed may have a code and no words. */
function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  const says = message || String(code ?? error)
  return translateError(error) instanceof ServiceUnavailableError ? `The database cannot be used: ${says}` : says
}

try {
  await program.parseAsync()
  process.exitCode = DONE
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? DONE : WRONG_USAGE // it has told what is wrong itself
  } else {
    process.exitCode = FAILED
    process.stderr.write(`${describe(error)}\n`)
  }
}
