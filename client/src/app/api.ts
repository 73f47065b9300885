import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core'
import { silentRefreshLink } from '../apollo/silent-refresh-link.ts'
import type { Session } from '../index.ts'
import type { Activity } from './activity.ts'

/** The way to the API: what an operation does is watched, its token is looked after, then it is sent. */
export function createApi(session: Session, activity: Activity): ApolloClient<unknown> {
  return new ApolloClient({
    link: ApolloLink.from([activity.link, silentRefreshLink(session), new HttpLink({ uri: '/graphql' })]),
    cache: new InMemoryCache(),
    devtools: { enabled: import.meta.env.DEV },
  })
}
