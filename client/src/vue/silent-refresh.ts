import { type App, type ComputedRef, computed, type InjectionKey, inject, type Ref, readonly, ref } from 'vue'
import { listenWhileAlive } from '../session/async/listen-while-alive.ts'
import type { EndReason, Session, SessionState } from '../session/index.ts'

/** The session as components see it. */
export interface SessionHandle {
  readonly session: Session
  readonly state: Readonly<Ref<SessionState>>
  readonly isSignedIn: ComputedRef<boolean>
  /** The signed-in user; null when nobody is signed in. */
  readonly userId: ComputedRef<string | null>
  /** Why the last session ended; null before any has ended, and while a user is signed in. */
  readonly endReason: Readonly<Ref<EndReason | null>>
  /** @returns false when the server could not be reached. */
  signOut(): Promise<boolean>
}

/** A Vue plugin. */
export interface SessionPlugin {
  /** Called by Vue. */
  install(app: App): void
}

const KEY: InjectionKey<SessionHandle> = Symbol('silent-refresh')

/**
 * Provides the session to all components: `app.use(silentRefresh(session))`. When the app is unmounted, the plugin stops
 * listening but does not dispose of the session. An app that is only rendered, on a server, need not be unmounted.
 */
export function silentRefresh(session: Session): SessionPlugin {
  return {
    install(app) {
      const { handle, stop } = sessionHandle(session, app)
      app.provide(KEY, handle)
      const { unmount } = app
      app.unmount = () => {
        stop()
        unmount()
      }
    },
  }
}

/** Returns the session of the component's app. @throws Error when the plugin is not installed. */
export function useSession(): SessionHandle {
  const handle = inject(KEY, null)
  if (!handle) throw new Error('useSession() needs app.use(silentRefresh(session)).')
  return handle
}

/** The session as reactive values. */
function sessionHandle(session: Session, app: App): { handle: SessionHandle; stop: () => void } {
  const state = ref(session.state)
  const userId = ref(session.userId)
  const endReason = ref<EndReason | null>(null)
  const look = (): void => {
    state.value = session.state
    userId.value = session.userId
    endReason.value = session.userId === null ? session.endReason : null
  }
  look()
  const stops = [
    listenWhileAlive(app, session.subscribe, look),
    listenWhileAlive(app, session.events.subscribe, ({ type }) => {
      if (type === 'signedIn') look()
    }),
  ]
  const handle: SessionHandle = {
    session,
    state: readonly(state),
    isSignedIn: computed(() => state.value !== 'signedOut'),
    userId: computed(() => userId.value),
    endReason: readonly(endReason),
    signOut: () => session.signOut(),
  }
  const stop = (): void => {
    for (const one of stops) one()
  }
  return { handle, stop }
}
