import { type RemovableRef, useStorage } from '@vueuse/core'

/**
 * A setting that this browser remembers: one of `options`, and `fallback` until the user chooses. Where the browser blocks
 * storage, it lasts until the page is closed.
 */
export function usePreference<T extends string>(name: string, options: readonly T[], fallback: T): RemovableRef<T> {
  return useStorage<T>(`silent-refresh.${name}`, fallback, undefined, {
    serializer: { read: (stored) => options.find((one) => one === stored) ?? fallback, write: (value) => value },
    writeDefaults: false,
    listenToStorageChanges: false,
    onError: () => {},
  })
}
