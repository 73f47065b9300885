import { type Ref, ref, shallowRef } from 'vue'
import { type Problem, readProblem } from '../api/error-info.ts'

/** A task of the person's: whether it is under way, and what went wrong. What was typed stays. */
export function useSubmit(task: () => Promise<unknown>): {
  isBusy: Readonly<Ref<boolean>>
  problem: Ref<Problem | null>
  submit: () => Promise<boolean>
} {
  const isBusy = ref(false)
  const problem = shallowRef<Problem | null>(null)

  /** @returns whether it was done. A second call while one is under way does nothing. */
  async function submit(): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    problem.value = null
    try {
      await task()
      return true
    } catch (error) {
      problem.value = readProblem(error)
      return false
    } finally {
      isBusy.value = false
    }
  }

  return { isBusy, problem, submit }
}
