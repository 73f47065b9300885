import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { MeDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'
import { useRetry } from './use-retry.ts'

/** The signed-in person. Asked for once, whoever shows it; nothing is asked while nobody is signed in. */
export function useMe() {
  const { isSignedIn } = useSession()
  const { result, error, query } = useQuery(MeDocument, {}, () => ({ enabled: isSignedIn.value }))
  useRetry(error, () => query.value?.refetch())
  const me = computed(() => (isSignedIn.value ? (result.value?.me ?? null) : null))
  return { me, error, isAdmin: computed(() => me.value?.role === 'ADMIN') }
}
