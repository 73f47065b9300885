import { type ReactNode, useEffect, useState } from 'react'
import type { Session } from '../../index.ts'
import { repeatWhileWatched } from '../../page/repeat-while-watched.ts'
import { tokenWords } from '../session/token-use.ts'

/** How long the access token is still good. It changes every second, so it is not part of the live region. */
export function TokenCountdown(props: { readonly session: Session; readonly isTokenUsed: () => boolean }): ReactNode {
  const { session, isTokenUsed } = props
  const [words, setWords] = useState('')
  useEffect(() => {
    const update = () => setWords(tokenWords(session, isTokenUsed()))
    update()
    const stopUpdating = repeatWhileWatched(update, { pauseMs: () => 1_000 })
    const stop = session.subscribe(update)
    return () => {
      stopUpdating()
      stop()
    }
  }, [session, isTokenUsed])
  return <span className="token"> · {words}</span>
}
