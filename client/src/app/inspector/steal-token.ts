import type { ApolloClient } from '@apollo/client/core'
import { RefreshCopyDocument, SignInDocument } from '../../graphql/generated.ts'
import { readProblem } from '../api/error-info.ts'

/** One thing that happened in the show, and the reason the server gave. */
export interface Step {
  readonly name: 'signedIn' | 'rotated' | 'reused' | 'ended' | 'stays'
  readonly reason?: string
}

/**
 * Plays a theft against the real server: a second client of the same person, whose first refresh token is copied, goes
 * on; then the thief uses the copy (S8).
 * @throws what the API answers to a wrong password.
 */
export async function* stealToken(
  client: ApolloClient<unknown>,
  credentials: { email: string; password: string },
): AsyncGenerator<Step> {
  const input = { ...credentials, appId: 'inspector', deviceName: 'Second client', tokenTransport: 'BODY' as const }
  const signedIn = await client.mutate({ mutation: SignInDocument, variables: { input } })
  const copied = signedIn.data?.login.refreshToken ?? ''
  yield { name: 'signedIn' }

  const refresh = async (refreshToken: string) => {
    const answer = await client.mutate({ mutation: RefreshCopyDocument, variables: { refreshToken } })
    return answer.data?.refreshToken.refreshToken ?? ''
  }
  const refusal = async (refreshToken: string) => {
    const problem = await refresh(refreshToken).then(
      () => null,
      (error: unknown) => readProblem(error),
    )
    return problem?.reason ?? problem?.code ?? 'OK'
  }

  const newest = await refresh(await refresh(copied))
  yield { name: 'rotated' }
  yield { name: 'reused', reason: await refusal(copied) }
  yield { name: 'ended', reason: await refusal(newest) }
  yield { name: 'stays' }
}
