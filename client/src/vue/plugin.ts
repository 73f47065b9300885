import { type App, type ComputedRef, computed, type InjectionKey, inject, type Ref, readonly, ref } from 'vue'
import type { EndReason, Session, SessionState } from '../session/index.ts'

/** What components see of the session. */
export interface SessionHandle {
  readonly session: Session
  readonly state: Readonly<Ref<SessionState>>
  readonly isSignedIn: ComputedRef<boolean>
  /** Who is signed in. */
  readonly userId: ComputedRef<string | null>
  /** Why the last session ended; null before any did, and after a sign-in. */
  readonly endReason: Readonly<Ref<EndReason | null>>
  /** @returns false when the server could not be told. */
  signOut(): Promise<boolean>
}

/** What `app.use` takes. */
export interface SessionPlugin {
  /** Called by Vue. */
  install(app: App): void
}

const KEY: InjectionKey<SessionHandle> = Symbol('silent-refresh')

/**
 * Gives the session to all components: `app.use(silentRefresh(session))`. When the app is unmounted it stops listening;
 * the session itself is whoever's made it.
 */
export function silentRefresh(session: Session): SessionPlugin {
  return {
    install(app) {
      const { handle, stop } = sessionHandle(session)
      app.provide(KEY, handle)
      const { unmount } = app
      app.unmount = () => {
        stop()
        unmount()
      }
    },
  }
}

/** The session of the app the component lives in. @throws Error when the plugin is not installed. */
export function useSession(): SessionHandle {
  const handle = inject(KEY, null)
  if (!handle) throw new Error('useSession() needs app.use(silentRefresh(session))')
  return handle
}

/** The session as reactive values. */
function sessionHandle(session: Session): { handle: SessionHandle; stop: () => void } {
  const state = ref(session.state)
  const person = ref(session.userId)
  const endReason = ref<EndReason | null>(null)
  const look = (): void => {
    state.value = session.state
    person.value = session.userId
    endReason.value = session.userId === null ? session.endReason : null
  }
  look()
  const stops = [
    session.subscribe(look),
    session.events.subscribe(({ type }) => {
      if (type === 'signedIn') look()
    }),
  ]
  const handle: SessionHandle = {
    session,
    state: readonly(state),
    isSignedIn: computed(() => state.value !== 'signedOut'),
    userId: computed(() => person.value),
    endReason: readonly(endReason),
    signOut: () => session.signOut(),
  }
  const stop = (): void => {
    for (const one of stops) one()
  }
  return { handle, stop }
}
