import { createSession, graphqlTransport } from '../index.ts'
import { recordSession } from '../inspector/record-session.ts'
import { API_URL, apiFetch } from './api/api-fetch.ts'
import { preloadPage } from './pages.ts'
import './ui/style.css'

// This file is small, so that it runs while the browser still loads the rest of the app: the refresh that every page load
// of a signed-in user needs, and the page itself, do not wait for that.
const session = createSession({
  transport: graphqlTransport({ url: API_URL, tokenTransport: 'COOKIE', fetch: apiFetch }),
})
const record = recordSession(session)
const app = import('./start-app.ts')
void session.ready.then(() => preloadPage(location.pathname, session.state !== 'signedOut'))
// Visitors cause no request. If it fails, the first operation tries again and reports it.
session.getAccessToken().catch(() => {})

await (await app).startApp(session, record)
