import { usePreferredDark } from '@vueuse/core'
import { buttonDark, createTheme, type GlobalTheme, type GlobalThemeOverrides, inputDark } from 'naive-ui'
import { computed, watchEffect } from 'vue'
import { THEME_COLORS } from './theme-colors.ts'
import { usePreference } from './use-preference.ts'

export const THEMES = ['system', 'light', 'dark'] as const

/** The user's choice. */
export const theme = usePreference('theme', THEMES, 'system')

const systemIsDark = usePreferredDark()
export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value))

// For the style sheet; set as soon as the script runs, before anything is shown.
watchEffect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
})

/** Covers the components that the app uses: the complete dark theme would add 14 kB to every first load. */
const darkTheme = createTheme([buttonDark, inputDark])

export const naiveTheme = computed<GlobalTheme | null>(() => (isDark.value ? darkTheme : null))
export const naiveOverrides = computed<GlobalThemeOverrides>(() => {
  const colors = isDark.value ? THEME_COLORS.dark : THEME_COLORS.light
  return { common: { ...colors, primaryColorSuppl: colors.primaryColor, borderRadius: '8px', fontSize: '15px' } }
})
