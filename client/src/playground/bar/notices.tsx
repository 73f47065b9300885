import { tryParseJSONC, useGraphiQL } from '@graphiql/react'
import type { ReactNode } from 'react'
import { authorizationByHand } from '../operations/authorization-by-hand.ts'
import type { Store } from '../store.ts'
import { useStore } from './use-store.ts'

type Words = Store<string | null>

/** What is special about this tab, its last operation, its subscription and the schema. */
export function Notices(props: {
  readonly notice: Words
  readonly subscription: Words
  readonly schemaNotice: Words
}): ReactNode {
  const { notice, subscription, schemaNotice } = props
  const headers = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.headers)
  const hasSchema = useGraphiQL(({ schema }) => schema != null)
  const schemaWords = useStore(schemaNotice)
  const lines = [
    hasHeaderByHand(headers) ? HEADER_WINS : null,
    useStore(notice),
    useStore(subscription),
    hasSchema ? null : schemaWords,
  ]
  return (
    <div className="notices" role="status">
      {lines.map((line) => line && <p key={line}>{withCode(line)}</p>)}
    </div>
  )
}

/** Sets what is between backticks as code. */
const withCode = (line: string): ReactNode =>
  line.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))

const HEADER_WINS = 'The Authorization header of this tab is used, not the session of this page.'

/** @param text as typed, so it may be anything. */
function hasHeaderByHand(text: string | null | undefined): boolean {
  try {
    return authorizationByHand(tryParseJSONC(text ?? '')) !== undefined
  } catch {
    return false // GraphiQL sends nothing, and says what is wrong.
  }
}
