import type { Session } from '../../index.ts'
import { createStore, type Store } from '../store.ts'
import { endWords } from './end-words.ts'

/** Who is signed in, as the bar shows it. */
export interface SignInState {
  /** `unknown` until the stored session has been read. */
  readonly status: 'unknown' | 'signedOut' | 'signedIn'
  /** Null while it is loading, and while the server is away. */
  readonly email: string | null
  /** Why the last session ended; null before any did. */
  readonly ended: string | null
}

export interface SignInWatch extends Store<SignInState> {
  /**
   * Notes that the session is being signed out, so that whatever ends it in the meantime is called a sign-out.
   * @returns what is called when the sign-out is done or has failed.
   */
  expectSignOut(): () => void
}

/**
 * Follows the session, also when another tab changes it.
 * @param loadEmail of the signed-in user; rejects when there is no answer.
 */
export function watchSignIn(session: Session, loadEmail: () => Promise<string | null>): SignInWatch {
  const store = createStore<SignInState>({ status: 'unknown', email: null, ended: null })
  let isSigningOut = false
  /** The user whose address is known or on its way. */
  let loadedFor: string | null = null

  async function load(): Promise<void> {
    const { userId } = session
    if (loadedFor === userId) return
    loadedFor = userId
    const email = await loadEmail().catch(() => null)
    if (session.userId !== userId) return
    if (email === null) loadedFor = null
    else store.set({ ...store.get(), email })
  }

  function update(): void {
    const { status, email, ended } = store.get()
    if (session.userId === null) {
      loadedFor = null
      store.set({ status: 'signedOut', email: null, ended })
      return
    }
    // If another user has replaced the signed-in one, the bar still says so.
    store.set({
      status: 'signedIn',
      email: loadedFor === session.userId ? email : null,
      ended: status === 'signedIn' ? ended : null,
    })
    void load()
  }

  session.onSessionEnded((reason, origin) => {
    store.set({ ...store.get(), email: null, ended: endWords(isSigningOut ? 'SIGNED_OUT' : reason, origin) })
    update()
  })
  session.events.subscribe(({ type }) => {
    if (type === 'signedIn' || type === 'refreshDone' || type === 'adopted') update()
  })
  void session.ready.then(update)

  return {
    ...store,
    expectSignOut() {
      isSigningOut = true
      return () => {
        isSigningOut = false
      }
    },
  }
}
