import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Config } from '../../config.ts'
import type { DemoService } from '../../core/demo/demo-service.ts'
import { errorBody } from '../error-answer.ts'

/** Answers requests for the playground when it is off, instead of showing the account centre in its place. */
export const refusePlayground = (reply: FastifyReply) =>
  reply.status(404).send(errorBody('The playground is off. PLAYGROUND=true turns it on.', 'NOT_FOUND'))

/** Serves what the playground's page asks for, at /playground.json. The page itself is at /graphql. */
export function servePlayground(app: FastifyInstance, demo: DemoService, config: Config): void {
  const { playground, publishSchema, cookieName } = config
  app.get('/playground', (_request, reply) => (playground ? reply.redirect('/graphql') : refusePlayground(reply)))
  // When the playground is on, the page is one of the static files.
  if (!playground) app.get('/playground.html', (_request, reply) => refusePlayground(reply))
  app.get('/playground.json', async (_request, reply) => {
    if (!playground) return refusePlayground(reply)
    reply.header('cache-control', 'no-store')
    // Without the database, the page still opens; the demo sign-in could only fail.
    const demoUser = await demo.email().catch(() => null)
    return { demoUser, schemaUrl: publishSchema ? '/schema.graphql' : null, cookieName }
  })
}
