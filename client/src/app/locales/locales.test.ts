import { expect, it } from '@jest/globals'
import en from './en.ts'
import zhCn from './zh-cn.ts'

/** Every key with its text. */
function flatten(texts: object, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : flatten(value, `${path}${key}.`),
  )
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

it('has the same keys and placeholders in both languages', () => {
  const chinese = new Map(flatten(zhCn))
  expect([...chinese.keys()].sort()).toEqual(
    flatten(en)
      .map(([key]) => key)
      .sort(),
  )
  for (const [key, text] of flatten(en)) {
    expect([key, placeholders(chinese.get(key) ?? '')]).toEqual([key, placeholders(text)])
  }
})

it('uses Chinese characters and punctuation in Chinese', () => {
  for (const [key, text] of flatten(zhCn)) {
    expect([key, /[\u4e00-\u9fff]/.test(text)]).toEqual([key, true])
    // Latin punctuation after a Chinese character is a mistake.
    expect([key, /[\u4e00-\u9fff][,.?!;:]/.test(text)]).toEqual([key, false])
  }
})
