import { computed, nextTick, reactive, ref } from 'vue'
import type { FormRule } from './form-rules.ts'
import { useSubmit } from './use-submit.ts'

/**
 * A form with one rule for each field. Errors appear after the first attempt to submit and are then updated on input. An
 * attempt with invalid values moves the focus to the first invalid field.
 */
export function useForm<Name extends string>(
  rules: Record<Name, FormRule>,
  task: (values: Record<Name, string>) => Promise<unknown>,
) {
  const names = Object.keys(rules) as Name[]
  const values = reactive(Object.fromEntries(names.map((name) => [name, '']))) as Record<Name, string>
  const wasSubmitted = ref(false)
  const { isBusy, error, submit } = useSubmit(() => task({ ...values }))
  const fieldErrors = computed(() => {
    const found = names.map((name) => [name, wasSubmitted.value ? rules[name](values[name]) : null])
    return Object.fromEntries(found) as Record<Name, string | null>
  })

  async function onSubmit(event: Event): Promise<void> {
    wasSubmitted.value = true
    const isValid = names.every((name) => rules[name](values[name]) === null)
    if (isValid && (await submit())) {
      wasSubmitted.value = false
      return
    }
    if (isValid && !error.value?.field) return
    await nextTick()
    const form = event.target as HTMLFormElement
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }

  return { values, fieldErrors, isBusy, error, onSubmit }
}
