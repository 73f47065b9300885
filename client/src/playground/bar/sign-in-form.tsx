import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { Session } from '../../index.ts'
import { SignInError, signIn } from '../session/sign-in.ts'

/** Signs in with a password, in place of the buttons. */
export function SignInForm({ session, onDone }: { readonly session: Session; readonly onDone: () => void }): ReactNode {
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const email = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => email.current?.focus(), [])

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    const fields = new FormData(event.currentTarget)
    setBusy(true)
    setProblem(null)
    try {
      await signIn(session, String(fields.get('email')), String(fields.get('password')))
      onDone()
    } catch (error) {
      setProblem(error instanceof SignInError ? error.message : String(error))
      setBusy(false)
    }
  }

  return (
    <form className="sign-in" onSubmit={submit} onKeyDown={({ key }) => key === 'Escape' && onDone()}>
      <label>
        Email
        <input ref={email} name="email" type="email" autoComplete="username" required aria-describedby={id} />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required aria-describedby={id} />
      </label>
      <button type="submit" aria-disabled={isBusy}>
        Sign in
      </button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
      <p className="problem" role="alert" id={id}>
        {problem}
      </p>
    </form>
  )
}
