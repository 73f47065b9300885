import { afterEach, describe, expect, it } from '@jest/globals'
import { createRenderer, createSSRApp, h, nextTick } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { createSession, type Session, SessionEndedError, type TokenGrant } from '../src/index.ts'
import { guardRoutes, nextPath, type SessionHandle, silentRefresh, useSession } from '../src/vue/index.ts'

const grant = (userId = 'ada'): TokenGrant => ({
  accessToken: `access-${userId}`,
  accessTokenExpiresIn: 3_600,
  refreshToken: 'r',
  userId,
})

/** A session whose refreshes fail with `error`, which ends it by default. */
const makeSession = (error: Error = new SessionEndedError('SESSION_REVOKED')): Session =>
  createSession({ transport: { refresh: () => Promise.reject(error) }, refreshTimeoutMs: 100 })

describe('the Vue adapter', () => {
  let session: Session
  afterEach(() => session.dispose())

  /** Mounts a component that shows the session, with a renderer that only records texts. */
  function mount() {
    let handle!: SessionHandle
    const texts: string[] = []
    const node = (): object => ({})
    const { createApp } = createRenderer<object, object>({
      insert() {},
      remove() {},
      patchProp() {},
      createElement: node,
      createText: node,
      createComment: node,
      setText() {},
      setElementText: (_, text) => void texts.push(text),
      parentNode: () => null,
      nextSibling: () => null,
    })
    const app = createApp({
      setup() {
        handle = useSession()
        return () => h('p', `${handle.state.value} ${handle.userId.value} ${handle.endReason.value}`)
      },
    })
    app.use(silentRefresh(session)).mount({})
    return { app, handle, shown: () => texts.at(-1) }
  }

  it('C12: components show a sign-in, another user, and the end with its reason', async () => {
    session = makeSession()
    await session.ready
    const { handle, shown } = mount()
    expect(shown()).toBe('signedOut null null')
    expect(handle.isSignedIn.value).toBe(false)
    await session.accept(grant())
    await nextTick()
    expect(shown()).toBe('active ada null')
    await session.accept(grant('bob'))
    await nextTick()
    expect(shown()).toBe('active bob null')
    await session.getAccessToken({ failed: 'access-bob', reason: 'TOKEN_EXPIRED' }).catch(() => {})
    await nextTick()
    expect(shown()).toBe('signedOut null SESSION_REVOKED')
    await session.accept(grant())
    await nextTick()
    expect(shown()).toBe('active ada null')
    expect(await handle.signOut()).toBe(true)
    await nextTick()
    expect(shown()).toBe('signedOut null SIGNED_OUT')
  })

  it('C6: an app created after the session has ended shows the reason', async () => {
    session = makeSession()
    await session.accept(grant())
    await session.getAccessToken({ failed: 'access-ada', reason: 'TOKEN_EXPIRED' }).catch(() => {})
    expect(mount().handle.endReason.value).toBe('SESSION_REVOKED')
    await session.accept(grant())
    expect(mount().handle.endReason.value).toBe(null)
  })

  it('C6: an unmounted app stops listening, and the session continues', async () => {
    session = makeSession()
    const { app, handle } = mount()
    await session.accept(grant())
    app.unmount()
    await session.signOut()
    expect(handle.state.value).toBe('active')
    expect(session.state).toBe('signedOut')
  })

  it('C14: useSession() without the plugin explains what is missing', async () => {
    session = makeSession()
    const app = createSSRApp({ setup: () => void useSession(), render: () => h('p') })
    app.config.warnHandler = () => {}
    await expect(renderToString(app)).rejects.toThrow('app.use(silentRefresh(session))')
  })

  it('C14: renders a page as signed out on a server', async () => {
    session = makeSession()
    const app = createSSRApp({
      setup() {
        const { state } = useSession()
        return () => h('p', state.value)
      },
    })
    expect(await renderToString(app.use(silentRefresh(session)))).toBe('<p>signedOut</p>')
  })

  describe('the route guard', () => {
    let router: Router
    let stop: () => void
    afterEach(() => stop())

    function start(options?: Parameters<typeof guardRoutes>[2]): void {
      const component = { render: () => null }
      router = createRouter({
        history: createMemoryHistory(),
        routes: [
          { path: '/', component },
          { path: '/devices', component },
          { path: '/about', component, meta: { public: true } },
          { path: '/sign-in', component },
          { path: '/enter', component },
        ],
      })
      stop = guardRoutes(router, session, options)
    }
    const at = async (path: string): Promise<string> => {
      await router.push(path)
      return router.currentRoute.value.fullPath
    }

    it('C11: redirects from a protected page to the sign-in page, and remembers the way back', async () => {
      session = makeSession()
      start()
      expect(await at('/devices?tab=2')).toBe('/sign-in?next=/devices?tab=2')
      expect(nextPath(router.currentRoute.value.query.next)).toBe('/devices?tab=2')
      expect(await at('/about')).toBe('/about')
      await session.accept(grant())
      expect(await at('/devices')).toBe('/devices')
    })

    it('C11: waits until the stored session has been read, so that a reload stays on its page', async () => {
      let look!: (record: { version: number; epoch: number; userId: string }) => void
      session = createSession({
        transport: { refresh: () => Promise.reject(new Error('not called')) },
        storage: { read: () => new Promise((resolve) => (look = resolve)), write: () => true },
      })
      start()
      const going = at('/devices')
      await nextTick()
      look({ version: 1, epoch: 1, userId: 'ada' })
      expect(await going).toBe('/devices')
    })

    it('C6: redirects to the sign-in page when the session ends on a protected page, and stays on a public one', async () => {
      session = makeSession()
      await session.accept(grant())
      start()
      await at('/devices')
      await session.signOut()
      await router.isReady()
      await new Promise((resolve) => setImmediate(resolve))
      expect(router.currentRoute.value.fullPath).toBe('/sign-in?next=/devices')
      await session.accept(grant())
      await at('/about')
      await session.signOut()
      await new Promise((resolve) => setImmediate(resolve))
      expect(router.currentRoute.value.fullPath).toBe('/about')
    })

    it.each([
      ['a protected page', '/late', '/sign-in?next=/late'],
      ['a public page', '/late-public', '/late-public'],
    ])('C6: navigates to the right page when the session ends while %s loads', async (_, path, expected) => {
      for (const from of [undefined, '/about']) {
        session = makeSession()
        await session.accept(grant())
        let load = (): void => {}
        const component = () => new Promise<object>((resolve) => (load = () => resolve({ render: () => null })))
        start()
        router.addRoute({ path: '/late', component })
        router.addRoute({ path: '/late-public', component, meta: { public: true } })
        if (from) await at(from)
        const going = router.push(path)
        await new Promise((resolve) => setImmediate(resolve))
        await session.signOut()
        load()
        await going
        await new Promise((resolve) => setImmediate(resolve))
        expect(router.currentRoute.value.fullPath).toBe(expected)
      }
    })

    it('C5: does not redirect to the sign-in page when a refresh fails temporarily', async () => {
      session = makeSession(new Error('503'))
      await session.accept(grant())
      start()
      await at('/devices')
      await session.getAccessToken({ failed: 'access-ada', reason: 'TOKEN_EXPIRED' }).catch(() => {})
      expect(await at('/')).toBe('/')
    })

    it('C11: lets the app choose the protected pages and the sign-in path', async () => {
      session = makeSession()
      start({ signInPath: '/enter', isProtected: ({ path }) => path === '/devices' })
      expect(await at('/')).toBe('/')
      expect(await at('/devices')).toBe('/enter?next=/devices')
    })
  })

  it.each([
    ['/devices?tab=2#top', '/devices?tab=2#top'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/\r\n/evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    [['/a', '/b'], '/'],
    [undefined, '/'],
  ])('nextPath(%j) returns a path within this app: %s', (next, path) => {
    session = makeSession()
    expect(nextPath(next)).toBe(path)
  })
})
