import { SessionEndedError, type TokenGrant, type Transport } from '../../src/session/index.ts'
import type { AuthServer } from './auth-server.ts'

/** A browser's cookie: one refresh token for all tabs, hidden from scripts. A failed request does not set it. */
export class CookieJar {
  refreshToken: string | null = null
  readonly #server: AuthServer

  constructor(server: AuthServer) {
    this.#server = server
  }

  signIn(userId: string): TokenGrant {
    return this.#keep(this.#server.signIn(userId))
  }

  transport(): Transport {
    const { refresh, signOut } = this.#server.transport()
    return {
      refresh: async (request) => {
        if (this.refreshToken === null) throw new SessionEndedError('REFRESH_TOKEN_MISSING')
        return this.#keep(await refresh({ ...request, refreshToken: this.refreshToken }))
      },
      signOut: async (request) => {
        const { refreshToken } = this
        if (!request.keepCookie) this.refreshToken = null
        await signOut?.({ ...request, refreshToken: request.keepCookie ? null : refreshToken })
      },
    }
  }

  #keep({ refreshToken = null, ...grant }: TokenGrant): TokenGrant {
    this.refreshToken = refreshToken
    return grant
  }
}
