// Measures the size, savings and cost of the library: npm run bench -w client
import { ApolloLink, execute, gql, Observable } from '@apollo/client/core/index.js'
import { silentRefreshLink } from '../src/apollo/silent-refresh-link.ts'
import { createSession } from '../src/index.ts'
import { BUNDLES, sizeOf } from '../test/support/bundle-size.ts'
import { follow, type Tab, World } from '../test/support/tabs.ts'
import { settle } from '../test/support/virtual-clock.ts'

const OPERATIONS = 20_000
const ROUNDS = 5

const tell = (what: string, figure: string): void => void process.stdout.write(`${figure.padStart(14)}  ${what}\n`)

/** The number of refreshes in all tabs when operations start at the same time, at expiry. */
async function refreshesFor(tabCount: number, each: number): Promise<number> {
  const world = new World({ graceMs: 0 })
  const tabs: Tab[] = [await world.signedIn()]
  while (tabs.length < tabCount) tabs.push(await world.open())
  await settle()
  await world.expire()
  const operations = tabs.flatMap(({ session }) => Array.from({ length: each }, () => follow(session.getAccessToken())))
  await world.clock.advance(1_000)
  const { refreshCalls } = world.server
  if (operations.some(({ outcome }) => world.server.accepts(outcome) !== 'ada')) throw new Error('Not all were served')
  world.dispose()
  return refreshCalls
}

/** Microseconds per operation through a link to a server that answers at once; the best of several rounds. */
async function microsecondsThrough(link: ApolloLink): Promise<number> {
  const query = gql('query Me { me { id } }')
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const since = performance.now()
    for (let done = 0; done < OPERATIONS; done++) {
      await new Promise<void>((resolve, reject) => {
        execute(link, { query }).subscribe({ error: reject, complete: resolve })
      })
    }
    best = Math.min(best, ((performance.now() - since) / OPERATIONS) * 1_000)
  }
  return best
}

for (const bundle of BUNDLES) tell(`${bundle.name} (limit ${bundle.limit})`, `${await sizeOf(bundle)} B gz`)
tell('refreshes for 50 operations at expiry', String(await refreshesFor(1, 50)))
tell('refreshes for 5 tabs with 10 operations each', String(await refreshesFor(5, 10)))

const session = createSession({ transport: { refresh: () => Promise.reject(new Error('Not needed')) } })
await session.accept({ accessToken: 'token', accessTokenExpiresIn: 3_600, refreshToken: 'r', userId: 'ada' })
const server = new ApolloLink(() => Observable.of({ data: { me: { id: 'ada' } } }))
const bare = await microsecondsThrough(server)
const silent = await microsecondsThrough(ApolloLink.from([silentRefreshLink(session), server]))
session.dispose()
tell('an operation through a bare link', `${bare.toFixed(1)} µs`)
tell(`through silentRefreshLink: ${(silent / bare).toFixed(1)} times that`, `${silent.toFixed(1)} µs`)
