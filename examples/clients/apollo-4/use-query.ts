// The part of `@vue/apollo-composable` that most apps need, for Apollo Client 4.
import type { ApolloClient, ErrorLike, ObservableQuery, OperationVariables } from '@apollo/client'
import type { InjectionKey, MaybeRefOrGetter, Ref } from 'vue'
import { inject, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'

export const APOLLO: InjectionKey<ApolloClient> = Symbol('Apollo Client')

/** The client, for `client.mutate(…)` and `client.query(…)`. */
export function useApollo(): ApolloClient {
  const client = inject(APOLLO)
  if (!client) throw new Error('useApollo() needs app.provide(APOLLO, client).')
  return client
}

/** Watches a query. Pass a getter if the options depend on reactive values. `query` has `refetch` and `fetchMore`. */
export function useQuery<Data, Variables extends OperationVariables>(
  options: MaybeRefOrGetter<ApolloClient.WatchQueryOptions<Data, Variables>>,
): {
  data: Ref<Data | undefined>
  error: Ref<ErrorLike | undefined>
  loading: Ref<boolean>
  query: ObservableQuery<Data, Variables>
} {
  const data = shallowRef<Data>()
  const error = shallowRef<ErrorLike>()
  const loading = ref(true)
  const query = useApollo().watchQuery(toValue(options))
  const subscription = query.subscribe((result) => {
    data.value = result.dataState === 'complete' ? (result.data as Data) : undefined
    error.value = result.error
    loading.value = result.loading
  })
  watch(
    () => toValue(options),
    (changed) => void query.reobserve(changed).catch(() => {}), // `error` contains what went wrong.
  )
  onScopeDispose(() => subscription.unsubscribe())
  return { data, error, loading, query }
}
