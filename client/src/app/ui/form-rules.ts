/** Checks a value. @returns the key of the message, or null when the value is valid. */
export type FormRule = (value: string) => string | null

export const isEmail: FormRule = (value) => (/^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(value) ? null : 'form.email')
export const isPresent: FormRule = (value) => (value === '' ? 'form.required' : null)
export const isUsername: FormRule = (value) =>
  value.trim() !== '' && [...value.trim()].length <= 50 ? null : 'form.username'
export const isNewPassword: FormRule = (value) => ([...value].length >= 8 ? null : 'form.newPassword')
