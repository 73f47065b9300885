import { computed, nextTick, reactive, ref } from 'vue'
import { useSubmit } from './use-submit.ts'

/** What is wrong with a value: the key of the words for it, or null. */
export type Check = (value: string) => string | null

export const isEmail: Check = (value) => (/^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(value) ? null : 'form.email')
export const isGiven: Check = (value) => (value === '' ? 'form.required' : null)
export const isUsername: Check = (value) =>
  value.trim() !== '' && [...value.trim()].length <= 50 ? null : 'form.username'
export const isNewPassword: Check = (value) => ([...value].length >= 8 ? null : 'form.newPassword')

/**
 * A form with a check per field. Nothing is complained of before the first try; then words follow the typing.
 * A try with something wrong goes to the first wrong field.
 */
export function useForm<Name extends string>(
  checks: Record<Name, Check>,
  task: (values: Record<Name, string>) => Promise<unknown>,
) {
  const names = Object.keys(checks) as Name[]
  const values = reactive(Object.fromEntries(names.map((name) => [name, '']))) as Record<Name, string>
  const wasTried = ref(false)
  const { isBusy, problem, submit } = useSubmit(() => task({ ...values }))
  const errors = computed(() => {
    const found = names.map((name) => [name, wasTried.value ? checks[name](values[name]) : null])
    return Object.fromEntries(found) as Record<Name, string | null>
  })

  async function onSubmit(event: Event): Promise<void> {
    wasTried.value = true
    const isGood = names.every((name) => checks[name](values[name]) === null)
    if (isGood && (await submit())) {
      wasTried.value = false
      return
    }
    if (isGood && !problem.value?.field) return
    await nextTick()
    const form = event.target as HTMLFormElement
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }

  return { values, errors, isBusy, problem, onSubmit }
}
