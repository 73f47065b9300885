import { createSession, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshFetch } from '@silent-refresh/client/fetch'
import { silentRefreshSocket } from '@silent-refresh/client/graphql-ws'
import { silentRefresh } from '@silent-refresh/client/vue'
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core'
import { install } from '@urql/vue'
import { createClient } from 'graphql-ws'
import { createApp, shallowRef } from 'vue'
import App from './App.vue'

const session = createSession({ transport: graphqlTransport({ url: '/graphql' }) })
const url = `${location.origin.replace('http', 'ws')}/graphql`
const socket = createClient(silentRefreshSocket(session, { url }))

const newClient = () =>
  new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetch: silentRefreshFetch(session),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  })

// urql's cache cannot be emptied: the next user gets another client.
const client = shallowRef(newClient())
session.onSessionEnded(() => {
  client.value = newClient()
})
createApp(App).use(silentRefresh(session)).use(install, client).mount('#app')
