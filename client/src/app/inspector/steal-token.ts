import type { ApolloClient } from '@apollo/client/core'
import { SignInSecondClientDocument, UseRefreshTokenDocument } from '../../graphql/generated.ts'
import { readErrorInfo } from '../api/error-info.ts'

/** One step of the demonstration, with the reason that the server gave. */
export interface TheftStep {
  readonly name: 'signedIn' | 'rotated' | 'reused' | 'ended' | 'unaffected'
  readonly reason?: string
}

/**
 * Simulates a theft against the real server. The first refresh token of a second client is copied, the client rotates it
 * twice, and then the thief uses the copy (S8).
 * @throws what the API answers to a wrong password.
 */
export async function* stealToken(
  client: ApolloClient<unknown>,
  credentials: { readonly email: string; readonly password: string },
): AsyncGenerator<TheftStep> {
  const input = { ...credentials, appId: 'inspector', deviceName: 'Second client', tokenTransport: 'BODY' as const }
  const signedIn = await client.mutate({ mutation: SignInSecondClientDocument, variables: { input } })
  const stolen = signedIn.data?.login.refreshToken ?? ''
  yield { name: 'signedIn' }

  const refresh = async (refreshToken: string) => {
    const { data } = await client.mutate({ mutation: UseRefreshTokenDocument, variables: { refreshToken } })
    return data?.refreshToken.refreshToken ?? ''
  }
  const refusal = async (refreshToken: string) => {
    const error = await refresh(refreshToken).then(() => null, readErrorInfo)
    return error?.reason ?? error?.code ?? 'OK'
  }

  const newest = await refresh(await refresh(stolen))
  yield { name: 'rotated' }
  yield { name: 'reused', reason: await refusal(stolen) }
  yield { name: 'ended', reason: await refusal(newest) }
  yield { name: 'unaffected' }
}
