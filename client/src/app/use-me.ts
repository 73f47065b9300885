import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { MeDocument } from '../graphql/generated.ts'
import { useSession } from '../vue/index.ts'

/** The signed-in person. Asked for once, whoever shows it; nothing is asked while nobody is signed in. */
export function useMe() {
  const { isSignedIn } = useSession()
  const { result, error } = useQuery(MeDocument, {}, () => ({ enabled: isSignedIn.value }))
  const me = computed(() => (isSignedIn.value ? (result.value?.me ?? null) : null))
  return { me, error, isAdmin: computed(() => me.value?.role === 'ADMIN') }
}
