import { createSession, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { silentRefresh } from '@silent-refresh/client/vue'
import { cache, createClient, dedup, fetch } from 'villus'
import { createApp } from 'vue'
import App from './App.vue'

const session = createSession({ transport: graphqlTransport({ url: '/graphql' }) })
const queries = cache()
const client = createClient({
  url: '/graphql',
  use: [queries, dedup(), fetch({ fetch: silentRefreshFetch(session) })],
})
// The next user must not see what the last one has loaded.
session.onSessionEnded(() => queries.clearCache())
createApp(App).use(silentRefresh(session)).use(client).mount('#app')
