import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, setLogVerbosity } from '@apollo/client/core'
import { silentRefreshLink } from '../apollo/silent-refresh-link.ts'
import type { Session } from '../index.ts'
import type { Activity } from './activity.ts'
import type { Faults } from './faults.ts'

// @vue/apollo-composable calls what Apollo Client 3.14 warns will be gone in 4: nothing the person's console should say.
setLogVerbosity('error')

export const API_URL = '/graphql'

/** The way to the API: what an operation does is watched, its token is looked after, then it is sent. */
export function createApi(session: Session, activity: Activity, faults: Faults): ApolloClient<unknown> {
  return new ApolloClient({
    link: ApolloLink.from([
      activity.link,
      silentRefreshLink(session),
      new HttpLink({ uri: API_URL, fetch: faults.fetch }),
    ]),
    cache: new InMemoryCache(),
    devtools: { enabled: import.meta.env.DEV },
  })
}
