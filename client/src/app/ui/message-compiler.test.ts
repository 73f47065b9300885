import { describe, expect, it } from '@jest/globals'
import { createI18n } from 'vue-i18n'
import en from '../locales/en.ts'
import zhCn from '../locales/zh-cn.ts'
import { compileMessage } from './message-compiler.ts'

/** The path of every text. */
const keysOf = (texts: object, path = ''): string[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [path + key] : keysOf(value, `${path}${key}.`),
  )

const i18n = (locale: string, messages: object, options = {}) =>
  createI18n({ legacy: false, locale, messages: { [locale]: messages }, ...options } as never).global as unknown as {
    t(key: string, values: object, count: number): string
  }

describe.each([
  ['en', en],
  ['zh-CN', zhCn],
])('the texts in %s', (locale, texts) => {
  it('read as with the compiler of Vue I18n', () => {
    const [theirs, ours] = [i18n(locale, texts), i18n(locale, texts, { messageCompiler: compileMessage })]
    for (const key of keysOf(texts)) {
      for (const count of [0, 1, 2, 5]) {
        const given = { ...Object.fromEntries(placeholdersOf(texts, key)), n: count }
        expect([key, count, ours.t(key, given, count)]).toEqual([key, count, theirs.t(key, given, count)])
      }
    }
  })
})

/** Every placeholder of a text, with a value of its own. */
function placeholdersOf(texts: object, key: string): [string, string][] {
  const text = key.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], texts) as string
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, `<${name}>`])
}
