import { DefaultApolloClient } from '@vue/apollo-composable'
import { createApp } from 'vue'
import { createSession, graphqlTransport } from '../index.ts'
import { guardRoutes, silentRefresh } from '../vue/index.ts'
import App from './App.vue'
import { ACTIVITY, createActivity } from './api/activity.ts'
import { API_URL, createApiClient } from './api/api-client.ts'
import { apiFetch } from './api/api-fetch.ts'
import { createAppRouter } from './router.ts'
import { storeSignOutReason } from './sign-in/sign-out-reason.ts'
import { i18n, startLanguage } from './ui/language.ts'
import './ui/style.css'

await startLanguage()

const session = createSession({
  transport: graphqlTransport({ url: API_URL, tokenTransport: 'COOKIE', fetch: apiFetch }),
})
const activity = createActivity(session)
const router = createAppRouter()
guardRoutes(router, session)
storeSignOutReason(router, session)

const app = createApp(App)
  .use(silentRefresh(session))
  .provide(ACTIVITY, activity)
  .provide(DefaultApolloClient, createApiClient(session, activity))
  .use(i18n)
  .use(router)

// Wait until the session and the first page are loaded, so that the page does not flicker. The app itself reports a page
// that fails to load.
await router.isReady().catch(() => {})
app.mount('#app')
