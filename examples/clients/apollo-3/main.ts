import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core'
import { createSession, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshLink } from '@silent-refresh/client/apollo'
import { silentRefresh } from '@silent-refresh/client/vue'
import { DefaultApolloClient } from '@vue/apollo-composable'
import { createApp } from 'vue'
import App from './App.vue'

const session = createSession({ transport: graphqlTransport({ url: '/graphql' }) })
const link = ApolloLink.from([silentRefreshLink(session), new HttpLink({ uri: '/graphql' })])
const client = new ApolloClient({ link, cache: new InMemoryCache() })
createApp(App).use(silentRefresh(session)).provide(DefaultApolloClient, client).mount('#app')
