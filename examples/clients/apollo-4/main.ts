import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { createSession, graphqlTransport } from '@silent-refresh/client'
import { silentRefreshLink } from '@silent-refresh/client/apollo'
import { silentRefresh } from '@silent-refresh/client/vue'
import { createApp } from 'vue'
import App from './App.vue'
import { APOLLO } from './use-query.ts'

const session = createSession({ transport: graphqlTransport({ url: '/graphql' }) })
const link = ApolloLink.from([silentRefreshLink(session), new HttpLink({ uri: '/graphql' })])
const client = new ApolloClient({ link, cache: new InMemoryCache() })
createApp(App).use(silentRefresh(session)).provide(APOLLO, client).mount('#app')
