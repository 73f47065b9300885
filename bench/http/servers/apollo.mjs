// Apollo Server on Fastify without authentication: the limit of the stack that the product is built on.
import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import fastifyApollo from '@as-integrations/fastify'
import { fastify } from 'fastify'
import { DateTimeResolver } from 'graphql-scalars'
import pg from 'pg'

const { PORT, DATABASE_URL, PLUGINS } = process.env

const typeDefs = `
  scalar DateTime
  enum Role { USER ADMIN }
  type User { id: ID! username: String! email: String! role: Role! createdAt: DateTime! }
  type Query { me: User! }
  type Mutation { touch(id: ID!): User! }`

const me = { username: 'ada', email: 'ada@example.com', role: 'USER', createdAt: new Date() }

const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL, max: 10 })

/** Named, so that Postgres parses and plans it once on each connection. */
const touch = (id) => ({
  name: 'touch',
  text: `UPDATE people SET generation = generation + 1, touched_at = now() WHERE id = $1
         RETURNING id, username, email, role, created_at AS "createdAt"`,
  values: [id],
})

const apollo = new ApolloServer({
  typeDefs,
  resolvers: {
    DateTime: DateTimeResolver,
    Query: { me: () => ({ id: '5b6a1c1e-6a55-4c35-9f60-0a5a2c0f8b11', ...me }) },
    Mutation: { touch: async (_parent, { id }) => (await pool?.query(touch(id)))?.rows[0] },
  },
  plugins:
    PLUGINS === 'off' ? [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginUsageReportingDisabled()] : [],
})

let ids = []
if (pool !== undefined) {
  await pool.query(`
    CREATE TABLE people (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      username text NOT NULL, email text NOT NULL, role text NOT NULL DEFAULT 'USER',
      generation integer NOT NULL DEFAULT 0,
      touched_at timestamptz NOT NULL DEFAULT now(), created_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 70)`)
  const { rows } = await pool.query(
    `INSERT INTO people (username, email) SELECT 'person-' || n, 'person-' || n || '@example.com'
     FROM generate_series(1, 1000) AS n RETURNING id`,
  )
  ids = rows.map(({ id }) => id)
}

await apollo.start()
const app = fastify()
await app.register(fastifyApollo(apollo))
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.send?.({ ids })
