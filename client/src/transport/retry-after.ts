/**
 * How long the server asks to wait.
 * @param seconds the `retryAfterSeconds` of its error, which takes precedence over the `Retry-After` header.
 * @returns milliseconds; undefined when it does not say, or says nothing usable.
 * @see RFC 9110 §10.2.3
 */
export function readRetryAfter(seconds: unknown, headers: Headers): number | undefined {
  const header = headers.get('retry-after')
  return msOf(seconds) ?? msOf(header) ?? msUntil(header, headers.get('date'))
}

function msOf(seconds: unknown): number | undefined {
  const isUsable = typeof seconds === 'number' || (typeof seconds === 'string' && seconds.trim() !== '')
  return isUsable && Number.isFinite(Number(seconds)) ? Math.max(0, Number(seconds) * 1_000) : undefined
}

/** C7: the date counts from the server's own clock. The device's may be hours off, and so would be the wait. */
function msUntil(date: string | null, serverDate: string | null): number | undefined {
  const ms = timeOf(date) - timeOf(serverDate)
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** Every form of an HTTP date has a time of day in UTC, and the oldest form does not say so. Browsers parse more. */
const timeOf = (date: string | null): number =>
  date && /\d:\d\d:\d\d/.test(date) ? Date.parse(`${date.replace(/ GMT$/, '')} GMT`) : Number.NaN
