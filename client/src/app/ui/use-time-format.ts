import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Formats times in the language of the app and the time zone of the device. */
export function useTimeFormat() {
  const { d, n, locale } = useI18n()
  const relative = computed(() => new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }))

  /** "3 minutes ago". Both times are the server's, because the device's clock may be wrong. */
  function ago(then: string, now: string): string {
    const seconds = Math.max(0, (Date.parse(now) - Date.parse(then)) / 1_000)
    for (const [unit, length] of UNITS) {
      if (seconds >= length) return relative.value.format(-Math.floor(seconds / length), unit)
    }
    return relative.value.format(0, 'second')
  }

  return {
    date: (iso: string) => d(new Date(iso), { dateStyle: 'long' }),
    time: (iso: string) => d(new Date(iso), { timeStyle: 'medium' }),
    dateTime: (iso: string) => d(new Date(iso), { dateStyle: 'medium', timeStyle: 'short' }),
    ago,
    /** "60 seconds" */
    seconds: (count: number) => n(Math.round(count), { style: 'unit', unit: 'second', unitDisplay: 'long' }),
  }
}
