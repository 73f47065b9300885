import { buttonDark, createTheme, type GlobalTheme, type GlobalThemeOverrides, inputDark } from 'naive-ui'
import { computed, ref, watchEffect } from 'vue'
import { recall, remember } from './preferences.ts'
import { BRAND } from './theme-colors.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEMES)[number]

const systemIsDark = ref(false)
/** What the person chose; kept in this browser. */
export const themeChoice = ref<ThemeChoice>('system')
export const isDark = computed(
  () => themeChoice.value === 'dark' || (themeChoice.value === 'system' && systemIsDark.value),
)

/** Only of the components we use: the whole dark theme would be 14 kB of every first load. */
const darkTheme = createTheme([buttonDark, inputDark])

export const naiveTheme = computed<GlobalTheme | null>(() => (isDark.value ? darkTheme : null))
export const naiveOverrides = computed<GlobalThemeOverrides>(() => {
  const { error, ...primary } = isDark.value ? BRAND.dark : BRAND.light
  const fontFamily =
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif'
  return {
    common: {
      ...primary,
      primaryColorSuppl: primary.primaryColor,
      errorColor: error,
      errorColorHover: error,
      errorColorPressed: error,
      borderRadius: '8px',
      fontSize: '15px',
      fontFamily,
    },
  }
})

/** Follows the system until the person chooses, and tells the style sheet. */
export function startTheme(): void {
  const media = matchMedia('(prefers-color-scheme: dark)')
  systemIsDark.value = media.matches
  media.addEventListener('change', ({ matches }) => {
    systemIsDark.value = matches
  })
  themeChoice.value = recall('theme', THEMES) ?? 'system'
  watchEffect(() => {
    document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
    remember('theme', themeChoice.value)
  })
}
