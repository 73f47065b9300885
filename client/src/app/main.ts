import { DefaultApolloClient } from '@vue/apollo-composable'
import { createApp } from 'vue'
import { createSession, graphqlTransport } from '../index.ts'
import { guardRoutes, silentRefresh } from '../vue/index.ts'
import App from './App.vue'
import { ACTIVITY, createActivity } from './api/activity.ts'
import { API_URL, createApiClient } from './api/api-client.ts'
import { createFaults, FAULTS } from './inspector/fault-injector.ts'
import { createAppRouter } from './router.ts'
import { keepEndReason } from './sign-in/sign-out-reason.ts'
import { i18n, startLanguage } from './ui/language.ts'
import { startTheme } from './ui/theme.ts'
import './ui/style.css'

startTheme()
await startLanguage()

const faults = createFaults()
const session = createSession({
  transport: graphqlTransport({ url: API_URL, tokenTransport: 'COOKIE', fetch: faults.fetch }),
})
const activity = createActivity(session)
const router = createAppRouter()
guardRoutes(router, session)
keepEndReason(router, session)

const app = createApp(App)
  .use(silentRefresh(session))
  .provide(ACTIVITY, activity)
  .provide(FAULTS, faults)
  .provide(DefaultApolloClient, createApiClient(session, activity, faults))
  .use(i18n)
  .use(router)

// Not before it is known who is signed in: the page must not show one thing and then another. When the page cannot be
// fetched, the app says so.
await router.isReady().catch(() => {})
app.mount('#app')
