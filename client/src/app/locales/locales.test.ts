import { expect, it } from '@jest/globals'
import en from './en.ts'
import zhCn from './zh-cn.ts'

/** Every key with its words. */
function flat(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : flat(value, `${path}${key}.`),
  )
}

const places = (words: string) => [...new Set(words.match(/\{\w+\}/g))].sort()

it('both languages have the same keys, and the same places for names and numbers', () => {
  const chinese = new Map(flat(zhCn))
  expect([...chinese.keys()].sort()).toEqual(
    flat(en)
      .map(([key]) => key)
      .sort(),
  )
  for (const [key, words] of flat(en)) expect([key, places(chinese.get(key) ?? '')]).toEqual([key, places(words)])
})

it('Chinese is written in Chinese, with its own punctuation', () => {
  for (const [key, words] of flat(zhCn)) {
    expect([key, /[\u4e00-\u9fff]/.test(words)]).toEqual([key, true])
    // A full stop or comma of the Latin alphabet after a Chinese character is a slip.
    expect([key, /[\u4e00-\u9fff][,.?!;:]/.test(words)]).toEqual([key, false])
  }
})
