import { ApolloLink, Observable } from '@apollo/client/core'
import { type InjectionKey, inject, reactive, readonly } from 'vue'
import type { Session } from '../index.ts'
import { readProblem } from './problem.ts'

/** What this page has done since it was opened, in numbers. */
export interface ActivityFigures {
  operations: number
  /** Refreshes that this tab made itself. */
  refreshes: number
  /** New tokens that came from another tab. */
  adopted: number
  /** Operations sent a second time with a new token. */
  replays: number
  /** Operations that waited for a refresh. */
  waits: number
  /** Operations that ended in an error the person could see because of a token. The product is that this stays 0. */
  noticed: number
}

export interface Activity {
  readonly figures: Readonly<ActivityFigures>
  /** Whether the last operation reached the server. */
  readonly connection: { readonly isReachable: boolean }
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

/** Counts what the session and the operations do. */
export function createActivity(session: Session): Activity {
  const figures = reactive<ActivityFigures>({
    operations: 0,
    refreshes: 0,
    adopted: 0,
    replays: 0,
    waits: 0,
    noticed: 0,
  })
  const connection = reactive({ isReachable: true })

  session.events.subscribe((event) => {
    if (event.type === 'refreshDone') figures[event.adopted ? 'adopted' : 'refreshes']++
    else if (event.type === 'adopted') figures.adopted++
    else if (event.type === 'replayed') figures.replays++
    else if (event.type === 'waited') figures.waits++
  })

  const link = new ApolloLink((operation, forward) => {
    figures.operations++
    return new Observable((observer) => {
      const subscription = forward(operation).subscribe({
        next(result) {
          connection.isReachable = true
          observer.next(result)
        },
        error(error) {
          const { code } = readProblem(error)
          connection.isReachable = code !== 'NETWORK' && code !== 'SERVICE_UNAVAILABLE'
          if (code === 'UNAUTHENTICATED') figures.noticed++
          observer.error(error)
        },
        complete: () => observer.complete(),
      })
      return () => subscription.unsubscribe()
    })
  })

  return { figures: readonly(figures), connection: readonly(connection), link }
}
