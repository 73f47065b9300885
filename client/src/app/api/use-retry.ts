import { useTimeoutFn } from '@vueuse/core'
import { type Ref, watch } from 'vue'
import { type ErrorInfo, isOutage } from './error-info.ts'

const RETRY_DELAY_MS = 5_000

/** Repeats a query that failed because of an outage until it succeeds. */
export function useRetry(error: Readonly<Ref<ErrorInfo | null>>, refetch: () => Promise<unknown> | undefined): void {
  const { start, stop } = useTimeoutFn(() => refetch()?.catch(() => {}), RETRY_DELAY_MS, { immediate: false })
  watch(error, (info) => (info && isOutage(info) ? start() : stop()))
}
