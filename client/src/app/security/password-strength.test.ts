import { expect, it } from '@jest/globals'
import { passwordStrength } from './password-strength.ts'

it.each([
  ['', 0],
  ['7 chars', 0],
  ['password1234', 1],
  ['aaaaaaaaaaaaaaaa', 1],
  ['sunshine', 1],
  ['sunshine4u', 2],
  ['Sunsh1ne-4u', 3],
  ['correct horse battery staple', 4],
  ['密码很长也可以吗', 3],
])('%j is worth %i', (password, strength) => {
  expect(passwordStrength(password)).toBe(strength)
})
