import {
  ApolloClient,
  ApolloLink,
  fromPromise,
  HttpLink,
  InMemoryCache,
  Observable,
  type Operation,
  setLogVerbosity,
} from '@apollo/client/core'
import { onError } from '@apollo/client/link/error'
import { getMainDefinition } from '@apollo/client/utilities'
import { silentRefreshLink } from '../../apollo/silent-refresh-link.ts'
import { DevicesDocument, MeDocument, SecurityEventsDocument } from '../../graphql/generated.ts'
import type { Session } from '../../index.ts'
import type { Faults } from '../inspector/fault-injector.ts'
import type { Activity } from './activity.ts'
import { readProblem } from './error-info.ts'
import { eventPages } from './security-event-pages.ts'

// @vue/apollo-composable calls what Apollo Client 3.14 warns will be gone in 4: nothing the person's console should say.
setLogVerbosity('error')

export const API_URL = '/graphql'

/** The way to the API: what an operation does is watched, its token is looked after, then it is sent. */
export function createApiClient(session: Session, activity: Activity, faults: Faults): ApolloClient<unknown> {
  // What the subscriptions of this app tell of, as far as it is on the page.
  const catchUp = () =>
    void client.refetchQueries({ include: [DevicesDocument, SecurityEventsDocument] }).catch(() => {})

  // Who may no longer do what the page offers is not who the page takes them for. With a reason it is about a refresh token.
  const whoAmI = onError(({ graphQLErrors = [], networkError }) => {
    const { code, reason } = readProblem({ graphQLErrors, networkError })
    if (code === 'FORBIDDEN' && !reason) void client.refetchQueries({ include: [MeDocument] }).catch(() => {})
  })

  const requests = ApolloLink.from([
    activity.link,
    whoAmI,
    silentRefreshLink(session),
    new HttpLink({ uri: API_URL, fetch: faults.fetch }),
  ])
  // Fetched with the first subscription: no first page waits for it.
  let live: Promise<ApolloLink> | undefined
  const subscriptions = new ApolloLink((operation) => {
    live ??= import('./live-link.ts').then(({ createLiveLink }) => createLiveLink(session, API_URL, catchUp))
    return fromPromise(live).flatMap((link) => link.request(operation) ?? Observable.of())
  })
  const client = new ApolloClient({
    link: ApolloLink.split(isSubscription, subscriptions, requests),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { securityEvents: eventPages } } } }),
    devtools: { enabled: import.meta.env.DEV },
  })
  return client
}

function isSubscription({ query }: Operation): boolean {
  const definition = getMainDefinition(query)
  return definition.kind === 'OperationDefinition' && definition.operation === 'subscription'
}
