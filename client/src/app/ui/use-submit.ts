import { ref, shallowRef } from 'vue'
import { type ErrorInfo, readErrorInfo } from '../api/error-info.ts'

/** Runs a task that the user starts. Tells whether it is running and how it failed. */
export function useSubmit<Args extends readonly unknown[]>(task: (...args: Args) => Promise<unknown>) {
  const isBusy = ref(false)
  const error = shallowRef<ErrorInfo | null>(null)

  /** @returns whether the task succeeded; false at once while it is already running. */
  async function submit(...args: Args): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    error.value = null
    try {
      await task(...args)
      return true
    } catch (cause) {
      error.value = readErrorInfo(cause)
      return false
    } finally {
      isBusy.value = false
    }
  }

  return { isBusy, error, submit }
}
