import { createI18n } from 'vue-i18n'
import en from '../locales/en.ts'
import { compileMessage } from './message-compiler.ts'
import { usePreference } from './use-preference.ts'

export const LANGUAGES = ['en', 'zh-CN'] as const
export type Language = (typeof LANGUAGES)[number]

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Language,
  fallbackLocale: 'en',
  // Vue I18n warns of it in development; without it, it uses its own compiler, with the same results.
  ...(import.meta.env.PROD && { messageCompiler: compileMessage }),
  messages: { en } as Record<Language, typeof en>,
})

export const language = i18n.global.locale

const preference = usePreference('language', LANGUAGES, browserLanguage())

/** Shows the app in the language chosen earlier, or else in the first of the browser's languages that it supports. */
export const startLanguage = (): Promise<void> => loadLanguage(preference.value)

/** Switches the language and remembers the choice. */
export function chooseLanguage(next: Language): Promise<void> {
  // Stored first: the user may leave the page before the texts are loaded.
  preference.value = next
  return loadLanguage(next)
}

/** Loads the texts and shows them. The language stays the same when they cannot be loaded. */
async function loadLanguage(next: Language): Promise<void> {
  if (next === 'zh-CN') {
    const texts = await import('../locales/zh-cn.ts').catch(() => null)
    if (!texts) return
    i18n.global.setLocaleMessage(next, texts.default)
  }
  language.value = next
  document.documentElement.lang = next
}

function browserLanguage(): Language {
  for (const wanted of navigator.languages) {
    const found = LANGUAGES.find((one) => one.split('-')[0] === wanted.split('-')[0])
    if (found) return found
  }
  return 'en'
}
