import { ApolloLink } from '@apollo/client/core'
import { onError } from '@apollo/client/link/error'
import { type InjectionKey, inject, onUnmounted, type Ref, readonly, ref, shallowRef } from 'vue'
import type { SessionRecord } from '../../inspector/record-session.ts'
import { isOutage, readErrorInfo } from './error-info.ts'

/** What has happened in this tab since the page was loaded. */
export interface Activity {
  readonly record: SessionRecord
  /** Whether the last operation reached the server. */
  readonly isReachable: Readonly<Ref<boolean>>
  /** Observes every operation; must be the first link of the chain. */
  readonly link: ApolloLink
}

export const ACTIVITY: InjectionKey<Activity> = Symbol('activity')

/** @param record of the session */
export function createActivity(record: SessionRecord): Activity {
  const isReachable = ref(true)
  const onResult = new ApolloLink((operation, forward) =>
    forward(operation).map((result) => {
      isReachable.value = true
      return result
    }),
  )
  const onFailure = onError((error) => {
    isReachable.value = !isOutage(readErrorInfo(error))
  })
  return {
    record,
    isReachable: readonly(isReachable),
    link: ApolloLink.from([onResult, onFailure]),
  }
}

/** @throws Error when the app does not provide `ACTIVITY`. */
export function useActivity(): Activity {
  const activity = inject(ACTIVITY)
  if (!activity) throw new Error('useActivity() needs app.provide(ACTIVITY, createActivity(record)).')
  return activity
}

/** What `read` finds in the record of this tab, as a reactive value. */
export function useRecord<T>(read: (record: SessionRecord) => T): Readonly<Ref<T>> {
  const { record } = useActivity()
  const value = shallowRef(read(record))
  const stop = record.subscribe(() => {
    value.value = read(record)
  })
  onUnmounted(stop)
  return value
}
