import { expect, it } from '@jest/globals'
import { ServiceUnavailableError } from '../../errors.ts'
import { createPasswordService } from './password-service.ts'

const request = { origin: { userAgent: null, ipAddress: '203.0.113.1' }, keptTokens: [] }
const account = { username: 'ada', email: 'ada@example.com', password: 'correct horse battery staple' }
const passwords = { currentPassword: account.password, newPassword: 'another long password' }

it('S19, S21: counts no attempt while there is no time for its password', async () => {
  const counted: unknown[] = []
  // biome-ignore lint/suspicious/noExplicitAny: no other dependency is reached
  const rest = {} as any
  const service = createPasswordService({
    ...rest,
    hasher: {
      requireRoom() {
        throw new ServiceUnavailableError(new Error('The queue is full.'))
      },
    },
    attempts: { admit: async (attempt) => void counted.push(attempt) },
    deviceTokens: { recognise: () => null },
    observer: { signedUp: () => {}, signedIn: () => {} },
  })
  const refused = expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' })
  await expect(service.signUp(account, request)).rejects.toEqual(refused)
  await expect(service.signIn(account, request)).rejects.toEqual(refused)
  await expect(service.change({ ...rest, sessionId: 'one', userId: 'ada' }, passwords, request)).rejects.toEqual(
    refused,
  )
  expect(counted).toEqual([])
})
