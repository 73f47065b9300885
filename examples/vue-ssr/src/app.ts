import type { Session } from '@silent-refresh/client'
import { silentRefresh } from '@silent-refresh/client/vue'
import { createSSRApp, type App as VueApp } from 'vue'
import App from './App.vue'
import type { Me } from './api.ts'

/** @param rendered the user that the server has rendered the page for; null for a visitor. */
export const createApp = (session: Session, rendered: Me | null): VueApp =>
  createSSRApp(App, { rendered }).use(silentRefresh(session))
