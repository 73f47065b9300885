import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createSSRApp, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Session } from '../src/index.ts'
import { guardRoutes, silentRefresh, useSession } from '../src/vue/index.ts'
import { AnswerServer, signedInSession } from './support/answer-server.ts'
import { CLIENTS } from './support/graphql-clients.ts'
import { settle } from './support/virtual-clock.ts'

const MANY = 500
/** The last one may still be on a stack or in a cache of the engine. */
const FREED = MANY - 1
const MAX_ROUNDS = 50

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Collects garbage until enough is freed, or for a fixed number of rounds. @returns how many objects are freed */
async function freed(references: readonly WeakRef<object>[]): Promise<number> {
  const count = (): number => references.filter((reference) => reference.deref() === undefined).length
  for (let round = 0; round < MAX_ROUNDS && count() < FREED; round++) {
    await settle()
    collectGarbage()
  }
  return count()
}

describe('memory: a session outlives the clients, apps and routers that use it', () => {
  let server: AnswerServer
  let url: string
  let session: Session

  beforeEach(async () => {
    server = new AnswerServer()
    url = await server.listen()
    session = await signedInSession()
  })
  afterEach(async () => {
    session.dispose()
    await server.close()
  })

  it.each(['Apollo Client 3', 'Apollo Client 4'])('C6: frees the caches of 500 clients of %s', async (version) => {
    const make = await CLIENTS[version]?.()
    const caches: WeakRef<object>[] = []
    async function useOne(): Promise<void> {
      const client = make?.(session, url)
      expect((await client?.run({ query: '{ me { id } }' }))?.data).toBeDefined()
      caches.push(new WeakRef(client?.cache as object))
    }
    for (let count = 0; count < MANY; count++) await useOne()
    expect(await freed(caches)).toBeGreaterThanOrEqual(FREED)
  })

  it.each(['Apollo Client 3', 'Apollo Client 4'])(
    'C6: clears the store of each live client of %s once, and again after the next sign-in',
    async (version) => {
      const make = await CLIENTS[version]?.()
      const clients = [1, 2].map(() => make?.(session, url))
      for (let time = 0; time < 2; time++) {
        for (const client of clients) await client?.run({ query: '{ me { id } }' })
        collectGarbage()
        for (const client of clients) expect(client?.stored()).toContain('me')
        await session.signOut()
        await settle()
        for (const client of clients) expect(client?.stored()).toEqual([])
        await session.accept({ accessToken: 'b', accessTokenExpiresIn: 60, userId: 'bob' })
      }
    },
  )

  it('C6: frees 500 Vue apps that were rendered on a server, and 500 guarded routers', async () => {
    const apps: WeakRef<object>[] = []
    const routers: WeakRef<object>[] = []
    async function useOne(): Promise<void> {
      const app = createSSRApp({
        setup() {
          const { state } = useSession()
          return () => h('p', state.value)
        },
      })
      const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
      guardRoutes(router, session)
      expect(await renderToString(app.use(silentRefresh(session)))).toBe('<p>active</p>')
      apps.push(new WeakRef(app))
      routers.push(new WeakRef(router))
    }
    for (let count = 0; count < MANY; count++) await useOne()
    expect(await freed(apps)).toBeGreaterThanOrEqual(FREED)
    expect(await freed(routers)).toBeGreaterThanOrEqual(FREED)
  })

  it('C6: clears stores in a runtime without WeakRef', async () => {
    const { WeakRef: Platforms } = globalThis
    try {
      Reflect.deleteProperty(globalThis, 'WeakRef')
      const client = (await CLIENTS['Apollo Client 3']?.())?.(session, url)
      await client?.run({ query: '{ me { id } }' })
      await session.signOut()
      await settle()
      expect(client?.stored()).toEqual([])
    } finally {
      globalThis.WeakRef = Platforms
    }
  })
})
