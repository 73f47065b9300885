import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DemoService } from '../../core/demo/demo-service.ts'
import { BadUserInputError, ForbiddenError } from '../../errors.ts'
import type { RefreshCookie } from '../../graphql/context.ts'
import { originOf } from '../client-address.ts'
import { errorBody } from '../error-answer.ts'
import { isAllowedOrigin } from '../sockets/allowed-origin.ts'

/** The name of the device in the list of sessions, unless the page sends another. */
const DEFAULT_DEVICE_NAME = 'Playground'

/**
 * Signs in as the demo user, without a password, at POST /demo-sign-in. The refresh token is set as a cookie, as by `login`
 * with `tokenTransport: COOKIE`. It sets no device cookie, because nobody has entered a password.
 * @see PROTOCOL.md S1, S18
 */
export function serveDemoSignIn(
  app: FastifyInstance,
  options: {
    readonly demo: DemoService
    readonly corsOrigins: readonly string[]
    readonly refreshCookie: (request: FastifyRequest, reply: FastifyReply) => RefreshCookie
  },
): void {
  const { demo, corsOrigins, refreshCookie } = options
  app.post('/demo-sign-in', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    // Another site must not be able to sign a browser in. Its forms cannot send JSON either.
    if (!isAllowedOrigin(request.headers, corsOrigins)) {
      throw new ForbiddenError('Pages of this origin may not sign in here. CORS_ORIGINS lists those that may.')
    }
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      const message = 'Send JSON with the header "Content-Type: application/json".'
      return reply.status(415).send(errorBody(message, 'BAD_REQUEST'))
    }
    const deviceName = readDeviceName(request.body)
    const issued = await demo.signIn({ deviceName: deviceName || DEFAULT_DEVICE_NAME }, originOf(request))
    refreshCookie(request, reply).set(issued)
    const { accessToken, accessTokenExpiresIn } = issued
    const { id, username, email, role } = issued.user
    return { accessToken, accessTokenExpiresIn, user: { id, username, email, role } }
  })
}

/** @throws BadUserInputError */
function readDeviceName(body: unknown): string | null | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadUserInputError('Send a JSON object, such as {"deviceName": "My laptop"} or {}.')
  }
  const { deviceName } = body as { deviceName?: unknown }
  if (deviceName == null || typeof deviceName === 'string') return deviceName
  throw new BadUserInputError('deviceName must be text.', 'deviceName')
}
