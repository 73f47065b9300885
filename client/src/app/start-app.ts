import { DefaultApolloClient } from '@vue/apollo-composable'
import { createApp } from 'vue'
import type { Session } from '../index.ts'
import type { SessionRecord } from '../inspector/record-session.ts'
import { guardRoutes, silentRefresh } from '../vue/index.ts'
import App from './App.vue'
import { ACTIVITY, createActivity } from './api/activity.ts'
import { createApiClient } from './api/api-client.ts'
import { createAppRouter } from './router.ts'
import { storeSignOutReason } from './sign-in/sign-out-reason.ts'
import { i18n, startLanguage } from './ui/language.ts'

/** Shows the app. @param record of the session, from its beginning */
export async function startApp(session: Session, record: SessionRecord): Promise<void> {
  await startLanguage()
  const activity = createActivity(record)
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
  // As after every other way to this page: the session has ended while the app was loading.
  if (session.endReason !== null) document.querySelector<HTMLElement>('h1')?.focus()
}
