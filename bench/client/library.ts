import { ApolloLink, execute, gql, Observable } from '@apollo/client/core/index.js'
import { silentRefreshLink } from '../../client/src/apollo/silent-refresh-link.ts'
import { createSession } from '../../client/src/index.ts'
import { follow, type Tab, World } from '../../client/test/support/tabs.ts'
import { settle } from '../../client/test/support/virtual-clock.ts'

/** The number of refreshes in all tabs when operations start at the same time, at expiry. */
export async function refreshesFor(tabCount: number, each: number): Promise<number> {
  const world = new World({ graceMs: 0 })
  try {
    const tabs: Tab[] = [await world.signedIn()]
    while (tabs.length < tabCount) tabs.push(await world.open())
    await settle()
    await world.expire()
    const operations = tabs.flatMap(({ session }) =>
      Array.from({ length: each }, () => follow(session.getAccessToken())),
    )
    await world.clock.advance(1_000)
    if (operations.some(({ outcome }) => world.server.accepts(outcome) !== 'ada'))
      throw new Error('Not all were served')
    return world.server.refreshCalls
  } finally {
    world.dispose()
  }
}

/** Microseconds per operation, in rounds that take turns: to a server that answers at once, and through our link to it. */
export async function operationCosts(
  operations: number,
  rounds: number,
): Promise<{ bare: number[]; silent: number[] }> {
  const session = createSession({ transport: { refresh: () => Promise.reject(new Error('Not needed')) } })
  try {
    await session.accept({ accessToken: 'token', accessTokenExpiresIn: 3_600, refreshToken: 'r', userId: 'ada' })
    const server = new ApolloLink(() => Observable.of({ data: { me: { id: 'ada' } } }))
    const throughOurs = ApolloLink.from([silentRefreshLink(session), server])
    const costs = { bare: [] as number[], silent: [] as number[] }
    for (let round = 0; round <= rounds; round++) {
      const bare = await microsecondsThrough(server, operations)
      const silent = await microsecondsThrough(throughOurs, operations)
      if (round === 0) continue // warms up
      costs.bare.push(bare)
      costs.silent.push(silent)
    }
    return costs
  } finally {
    session.dispose()
  }
}

async function microsecondsThrough(link: ApolloLink, operations: number): Promise<number> {
  const query = gql('query Me { me { id } }')
  const since = performance.now()
  for (let done = 0; done < operations; done++) {
    await new Promise<void>((resolve, reject) => {
      execute(link, { query }).subscribe({ error: reject, complete: resolve })
    })
  }
  return ((performance.now() - since) / operations) * 1_000
}
