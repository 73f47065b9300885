import { expect, it } from '@jest/globals'
import { passwordStrength } from './password-strength.ts'

it.each([
  ['', 0],
  ['7 chars', 0],
  ['password1234', 1],
  ['aaaaaaaaaaaaaaaa', 1],
  ['sunshine', 1],
  ['Sunsh1ne-4u', 1],
  ['密码很长也可以吗', 2],
  ['horse battery', 3],
  ['correct horse battery staple', 4],
])('rates %j as %i', async (password, strength) => {
  expect(await passwordStrength(password)).toBe(strength)
})
