import { createSession, graphqlTransport } from '@silent-refresh/client'
import { createApp } from './app.ts'

const session = createSession({ transport: graphqlTransport({ url: '/graphql' }) })
const state = document.getElementById('state')?.textContent ?? 'null'
createApp(session, JSON.parse(state)).mount('#app')
