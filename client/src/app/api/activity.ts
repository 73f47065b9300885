import { ApolloLink, Observable } from '@apollo/client/core'
import { type InjectionKey, inject, onUnmounted, type Ref, readonly, ref, shallowRef } from 'vue'
import type { Session } from '../../index.ts'
import { recordSession, type SessionFigures, type SessionRecord } from '../../inspector/record-session.ts'
import { isOutage, readProblem } from './error-info.ts'

/** What this page has done since it was opened. */
export interface Activity {
  readonly record: SessionRecord
  /** Whether the last operation reached the server. */
  readonly isReachable: Readonly<Ref<boolean>>
  /** Watches every operation; goes first in the chain. */
  readonly link: ApolloLink
}

export const ACTIVITY: InjectionKey<Activity> = Symbol('activity')

/** @throws Error outside the app. */
export function useActivity(): Activity {
  const activity = inject(ACTIVITY)
  if (!activity) throw new Error('useActivity() needs the app that provides it')
  return activity
}

/** The figures of this page, live. */
export function useFigures(): Readonly<Ref<SessionFigures>> {
  const { record } = useActivity()
  const figures = shallowRef(record.figures)
  onUnmounted(
    record.subscribe(() => {
      figures.value = record.figures
    }),
  )
  return figures
}

export function createActivity(session: Session): Activity {
  const isReachable = ref(true)
  const link = new ApolloLink(
    (operation, forward) =>
      new Observable((observer) => {
        const subscription = forward(operation).subscribe({
          next(result) {
            isReachable.value = true
            observer.next(result)
          },
          error(error) {
            isReachable.value = !isOutage(readProblem(error))
            observer.error(error)
          },
          complete: () => observer.complete(),
        })
        return () => subscription.unsubscribe()
      }),
  )
  return { record: recordSession(session), isReachable: readonly(isReachable), link }
}
