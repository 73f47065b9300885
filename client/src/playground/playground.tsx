import { GraphiQL } from 'graphiql'
import type { ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { Notices } from './bar/notices.tsx'
import { SessionBar } from './bar/session-bar.tsx'
import { examplesFor } from './examples/examples.ts'
import { FollowSystemTheme } from './follow-system-theme.ts'
import { playgroundStorage } from './playground-storage.ts'
import type { Connection } from './session/connect.ts'
import { usePublishedSchema } from './use-published-schema.ts'

const storage = playgroundStorage()

/**
 * GraphiQL on the origin of the API, with the examples open in tabs and the session in a bar above it.
 * @param bar the element of the bar. It precedes the editor in the page, so that the keyboard reaches it first.
 */
export function Playground(props: { readonly connection: Connection; readonly bar: Element }): ReactNode {
  const { settings, session, signInWatch, isTokenUsed, notice, subscription, schemaNotice, fetcher } = props.connection
  const schema = usePublishedSchema(settings.schemaUrl)
  return (
    <GraphiQL
      className={schema ? 'has-published-schema' : ''}
      fetcher={fetcher}
      schema={schema}
      storage={storage}
      defaultTabs={examplesFor(settings.demoUser)}
      defaultHeaders=""
      defaultEditorToolsVisibility
      // The storage keeps no headers.
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>
        <a className="to-app" href="/" aria-label="Silent Refresh" title="Open the app">
          <img src="/favicon.svg" alt="" width="20" height="20" />
          <span>Silent Refresh</span>
        </a>
      </GraphiQL.Logo>
      <FollowSystemTheme />
      {createPortal(
        <>
          <SessionBar {...{ session, signInWatch, settings, isTokenUsed }} />
          <Notices {...{ notice, subscription, schemaNotice }} />
        </>,
        props.bar,
      )}
    </GraphiQL>
  )
}
