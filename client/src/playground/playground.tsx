import { GraphiQL } from 'graphiql'
import { examples } from './examples.ts'
import { FollowSystemTheme } from './follow-system-theme.ts'
import { playgroundFetcher } from './playground-fetcher.ts'
import { playgroundStorage } from './playground-storage.ts'

const storage = playgroundStorage()

/** GraphiQL on the origin of the API, with the examples open in tabs. */
export function Playground() {
  return (
    <GraphiQL
      fetcher={playgroundFetcher}
      storage={storage}
      defaultTabs={examples}
      // GraphiQL shows the variables of the first tab only when they are set here as well.
      initialVariables={examples[0].variables}
      defaultHeaders=""
      defaultEditorToolsVisibility
    >
      <GraphiQL.Logo>
        <a className="to-app" href="/" aria-label="Silent Refresh" title="Open the app">
          <img src="/favicon.svg" alt="" width="20" height="20" />
          <span>Silent Refresh</span>
        </a>
      </GraphiQL.Logo>
      <FollowSystemTheme />
    </GraphiQL>
  )
}
