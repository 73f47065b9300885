import { nextTick, reactive, ref } from 'vue'
import { useI18n } from 'vue-i18n'
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
  const { t } = useI18n()
  const names = Object.keys(rules) as Name[]
  const values = reactive(Object.fromEntries(names.map((name) => [name, '']))) as Record<Name, string>
  const wasSubmitted = ref(false)
  const { isBusy, error, submit } = useSubmit(() => task({ ...values }))

  /** The text that explains what is wrong with the field; null when nothing is. */
  function errorOf(name: Name): string | null {
    const key = wasSubmitted.value ? rules[name](values[name]) : null
    if (key) return t(key)
    // A value that is already taken is marked at its field, in addition to the message of the form.
    return error.value?.code === 'CONFLICT' && error.value.field === name ? t(`error.CONFLICT_${name}`) : null
  }

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

  return { values, errorOf, isBusy, error, onSubmit }
}
