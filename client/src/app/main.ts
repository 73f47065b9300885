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

// Mounted once it is known who is signed in, so that the page does not change right away. A page that cannot be loaded is
// reported inside the app.
await router.isReady().catch(() => {})
app.mount('#app')
