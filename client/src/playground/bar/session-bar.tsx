import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Session } from '../../index.ts'
import type { PlaygroundSettings } from '../session/playground-settings.ts'
import { SignInError, signInAsDemo } from '../session/sign-in.ts'
import type { SignInState, SignInWatch } from '../session/sign-in-state.ts'
import { SignInForm } from './sign-in-form.tsx'
import { TokenCountdown } from './token-countdown.tsx'
import { useStore } from './use-store.ts'

/** Who is signed in, and the ways in and out. */
export function SessionBar(props: {
  readonly session: Session
  readonly signInWatch: SignInWatch
  readonly settings: PlaygroundSettings
  readonly isTokenUsed: () => boolean
}): ReactNode {
  const { session, signInWatch, settings, isTokenUsed } = props
  const state = useStore(signInWatch)
  const [isFormOpen, setFormOpen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const isSignedOut = state.status === 'signedOut'
  const isFormShown = isSignedOut && isFormOpen

  // The button or the form that the user has used disappears, and would take the focus with it.
  const button = useRef<HTMLButtonElement>(null)
  const movesFocus = useRef(false)
  useEffect(() => {
    // Another tab may have signed in meanwhile.
    if (!isSignedOut) setFormOpen(false)
    if (isFormShown) {
      movesFocus.current = true
    } else if (button.current) {
      if (movesFocus.current) button.current.focus()
      movesFocus.current = false
    }
  }, [isSignedOut, isFormShown])

  async function attempt(work: () => Promise<string | null>): Promise<void> {
    if (isBusy) return
    setBusy(true)
    setProblem(null)
    movesFocus.current = true
    setProblem(await work().catch((error: unknown) => (error instanceof SignInError ? error.message : String(error))))
    setBusy(false)
  }
  const enterAsDemo = () => attempt(() => signInAsDemo(session).then(() => null))
  const leave = () => attempt(async () => ((await session.signOut()) ? null : UNREACHED))

  return (
    <>
      <p className="who">
        <span role="status">{stateWords(state)}</span>
        {state.status === 'signedIn' && <TokenCountdown session={session} isTokenUsed={isTokenUsed} />}
      </p>
      {isFormShown && <SignInForm session={session} onDone={() => setFormOpen(false)} />}
      {isSignedOut && !isFormShown && (
        <button ref={button} type="button" aria-disabled={isBusy} onClick={() => setFormOpen(true)}>
          Sign in
        </button>
      )}
      {isSignedOut && !isFormShown && settings.demoUser !== null && (
        <button type="button" aria-disabled={isBusy} title={settings.demoUser} onClick={enterAsDemo}>
          Sign in as demo
        </button>
      )}
      {state.status === 'signedIn' && (
        <button ref={button} type="button" aria-disabled={isBusy} onClick={leave}>
          Sign out
        </button>
      )}
      {settings.schemaUrl !== null && (
        <a className="schema" href={settings.schemaUrl} download="schema.graphql">
          Download schema
        </a>
      )}
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  )
}

const UNREACHED =
  'You are signed out in this browser. The server could not be reached, so the session stays active there until it expires.'

function stateWords({ status, email, ended }: SignInState): string {
  if (status === 'unknown') return ''
  const now = status === 'signedOut' ? 'Not signed in' : email === null ? 'Signed in' : `Signed in as ${email}`
  if (ended === null) return now
  return status === 'signedOut' ? `${ended} ${now}.` : `${ended} ${now}`
}
