import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { isUuid } from '../id.ts'
import { type JwtKind, signJwt, verifyNewest } from '../tokens/jwt.ts'

/**
 * What a device keeps after a sign-in, so that its next sign-in to the same account is not counted together with the guesses
 * of strangers. It only proves that somebody has signed in there before; a sign-in still requires the password. It never expires.
 * @see OWASP, Slow Down Online Guessing Attacks with Device Cookies; PROTOCOL.md S19
 */
export interface DeviceTokens {
  /** A name for this account on this device; null if none of the tokens is valid, or it does not contain the account. */
  recognise(tokens: readonly string[], email: string): string | null

  /** A token for the same device, or a new one, which contains this account and the most recent ones before it. */
  remember(tokens: readonly string[], email: string): string
}

/** A family's or a kiosk's device must not send ever larger headers. */
const MAX_ACCOUNTS = 5

const payloadSchema = z.object({ jti: z.string().refine(isUuid), accounts: z.array(z.string()).max(MAX_ACCOUNTS) })
type Device = z.output<typeof payloadSchema>

/** Tokens of type `device+jwt`, so that nothing needs to be stored. @param kind with the keys of refresh tokens */
export function createDeviceTokens(kind: Omit<JwtKind, 'typ'>): DeviceTokens {
  const deviceKind: JwtKind = { ...kind, typ: 'device+jwt' }

  const read = (tokens: readonly string[]): Device | undefined =>
    payloadSchema.safeParse(verifyNewest(deviceKind, tokens)).data

  return {
    recognise(tokens, email) {
      const device = read(tokens)
      const account = device && nameOf(device.jti, email)
      return account !== undefined && device?.accounts.includes(account) ? account : null
    },

    remember(tokens, email) {
      const { jti, accounts } = read(tokens) ?? { jti: randomUUID(), accounts: [] }
      const account = nameOf(jti, email)
      const earlier = accounts.filter((other) => other !== account)
      return signJwt(deviceKind, {
        jti,
        accounts: [account, ...earlier].slice(0, MAX_ACCOUNTS),
        iat: Math.floor(kind.clock.nowMs() / 1000),
      })
    },
  }
}

/** A digest, so that the cookie contains no addresses, and that of another device differs. */
const nameOf = (jti: string, email: string) => createHash('sha256').update(`${jti}:${email}`).digest('base64url')
