import {
  ApolloClient,
  ApolloLink,
  fromPromise,
  HttpLink,
  InMemoryCache,
  Observable,
  setLogVerbosity,
} from '@apollo/client/core'
import { onError } from '@apollo/client/link/error'
import { isSubscriptionOperation } from '@apollo/client/utilities'
import { silentRefreshLink } from '../../apollo/silent-refresh-link.ts'
import { DevicesDocument, MeDocument, SecurityEventsDocument } from '../../graphql/generated.ts'
import type { Session } from '../../index.ts'
import type { Activity } from './activity.ts'
import { API_URL, apiFetch } from './api-fetch.ts'
import { readErrorInfo } from './error-info.ts'
import { securityEventPages } from './security-event-pages.ts'

// @vue/apollo-composable uses APIs that Apollo Client 3.14 reports as deprecated. Users must not see that in their console.
setLogVerbosity('error')

/** Creates the Apollo client of the app. Every operation is observed, gets a valid access token, and is sent. */
export function createApiClient(session: Session, activity: Activity): ApolloClient<unknown> {
  // Catches up on the events that were missed while the socket was closed.
  const catchUp = () =>
    void client.refetchQueries({ include: [DevicesDocument, SecurityEventsDocument] }).catch(() => {})

  // FORBIDDEN means that the user's role has changed. With a reason it is about a refresh token instead.
  const reloadUserWhenForbidden = onError(({ graphQLErrors = [], networkError }) => {
    const { code, reason } = readErrorInfo({ graphQLErrors, networkError })
    if (code === 'FORBIDDEN' && !reason) void client.refetchQueries({ include: [MeDocument] }).catch(() => {})
  })

  const requests = ApolloLink.from([
    activity.link,
    reloadUserWhenForbidden,
    silentRefreshLink(session),
    new HttpLink({ uri: API_URL, fetch: apiFetch }),
  ])
  // Loaded with the first subscription, so that the first page does not wait for it.
  let live: Promise<ApolloLink> | undefined
  const subscriptions = new ApolloLink((operation) => {
    live ??= import('./live-link.ts').then(({ createLiveLink }) => createLiveLink(session, API_URL, catchUp))
    return fromPromise(live).flatMap((link) => link.request(operation) ?? Observable.of())
  })
  const client = new ApolloClient({
    link: ApolloLink.split(({ query }) => isSubscriptionOperation(query), subscriptions, requests),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { securityEvents: securityEventPages } } } }),
    devtools: { enabled: import.meta.env.DEV },
  })
  return client
}
