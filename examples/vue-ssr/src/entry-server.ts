import type { Session } from '@silent-refresh/client'
import { renderToString } from 'vue/server-renderer'
import { loadMe } from './api.ts'
import { createApp } from './app.ts'

export { visitorSession } from './visitor-session.ts'

/** The rendered app, with what the browser needs to continue from there. No token is part of it. */
export async function render(session: Session, url: string, timeoutMs: number): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs)
  const me = session.userId === null ? null : await loadMe(session, { url, signal }).catch(() => null)
  const html = await renderToString(createApp(session, me))
  // A name may contain `</script>`.
  const state = JSON.stringify(me).replaceAll('<', '\\u003c')
  return `<div id="app">${html}</div><script type="application/json" id="state">${state}</script>`
}
