import { createI18n } from 'vue-i18n'
import en from '../locales/en.ts'
import { recall, remember } from './preferences.ts'

export const LANGUAGES = ['en', 'zh-CN'] as const
export type Language = (typeof LANGUAGES)[number]

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Language,
  fallbackLocale: 'en',
  messages: { en } as Record<Language, typeof en>,
})

export const language = i18n.global.locale

/** Shows the app in another language from now on, once its words are fetched; without them all stays as it is. */
async function setLanguage(next: Language): Promise<void> {
  if (next === 'zh-CN') {
    const words = await import('../locales/zh-cn.ts').catch(() => null)
    if (!words) return
    i18n.global.setLocaleMessage(next, words.default)
  }
  language.value = next
  document.documentElement.lang = next
}

/** The language chosen before, or else the browser's first that we speak. */
export async function startLanguage(): Promise<void> {
  await setLanguage(recall('language', LANGUAGES) ?? ofBrowser())
}

/** What the language menu does. */
export async function chooseLanguage(next: Language): Promise<void> {
  // First, for the page may be left before the words have come.
  remember('language', next)
  await setLanguage(next)
}

function ofBrowser(): Language {
  for (const wanted of navigator.languages) {
    const found = LANGUAGES.find((one) => one.split('-')[0] === wanted.split('-')[0])
    if (found) return found
  }
  return 'en'
}
