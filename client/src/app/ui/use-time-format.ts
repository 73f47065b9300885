import { computed } from 'vue'
import { language } from './language.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Formats times in the language of the app and the time zone of the device. */
export function useTimeFormat() {
  const dates = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: 'long' }))
  const times = computed(() => new Intl.DateTimeFormat(language.value, { timeStyle: 'medium' }))
  const dateTimes = computed(() => new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }))
  const durations = computed(
    () => new Intl.NumberFormat(language.value, { style: 'unit', unit: 'second', unitDisplay: 'long' }),
  )
  const relative = computed(() => new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }))

  /** "3 minutes ago". Both times are the server's, because the device's clock may be wrong. */
  function ago(then: string, now: string): string {
    const seconds = Math.max(0, (Date.parse(now) - Date.parse(then)) / 1_000)
    for (const [unit, length] of UNITS) {
      if (seconds >= length) return relative.value.format(-Math.floor(seconds / length), unit)
    }
    return relative.value.format(0, 'second')
  }

  return {
    date: (iso: string) => dates.value.format(new Date(iso)),
    time: (iso: string) => times.value.format(new Date(iso)),
    dateTime: (iso: string) => dateTimes.value.format(new Date(iso)),
    ago,
    /** "60 seconds" */
    seconds: (count: number) => durations.value.format(Math.round(count)),
  }
}
