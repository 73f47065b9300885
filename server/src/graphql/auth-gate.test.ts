import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { getOperationAST, parse } from 'graphql'
import type { AccessClaims } from '../core/model.ts'
import { UnauthenticatedError } from '../errors.ts'
import { authGate } from './auth-gate.ts'
import { createSchema } from './schema.ts'

const schema = createSchema(readFileSync(join(import.meta.dirname, '../../../schema.graphql'), 'utf8'))
const claims = { userId: 'ada', sessionId: 'one', role: 'USER' } as AccessClaims

/** Passes an operation through the gate, with a valid token of a session that the database knows to have ended. */
async function pass(query: string): Promise<unknown> {
  const sessions = {
    async recheck(_claims: AccessClaims, isSensitive?: boolean) {
      if (isSensitive) throw new UnauthenticatedError('SESSION_REVOKED')
    },
  }
  const document = parse(query)
  const context = {
    ...{ schema, document, operation: getOperationAST(document) },
    contextValue: { identity: { claims }, sessions },
  }
  // biome-ignore lint/suspicious/noExplicitAny: the part of Apollo's context that the gate reads
  const listener: any = await authGate.requestDidStart?.(context as any)
  return listener.didResolveOperation(context)
}

it('S15: confirms the session before a protected mutation, and before nothing else', async () => {
  await expect(pass('mutation { revokeOtherSessions }')).rejects.toMatchObject({
    extensions: { http: { status: 401 } },
    originalError: { code: 'UNAUTHENTICATED' },
  })
  await expect(pass('{ me { id } }')).resolves.toBeUndefined()
  await expect(pass('mutation { refreshToken { accessToken } }')).resolves.toBeUndefined()
  await expect(pass('mutation { logout }')).resolves.toBeUndefined()
})
