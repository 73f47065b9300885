import Bowser from 'bowser'

/** Browser and operating system, as far as the `User-Agent` header tells. */
export interface DeviceDescription {
  readonly browser: string | null
  readonly system: string | null
  readonly kind: 'phone' | 'tablet' | 'computer' | 'program'
}

/** In characters. Clients can send any header, and the name is shown in the device lists of users. */
const MAX_NAME_LENGTH = 40

/** Reads a `User-Agent` header. A client that is not a browser (a script, an app) is named by the first word. */
export function describeDevice(userAgent: string | null): DeviceDescription {
  if (!userAgent) return { browser: null, system: null, kind: 'program' }
  const { browser, os, platform } = Bowser.parse(userAgent)
  if (!os.name) {
    return { browser: truncate(browser.name || userAgent.split(/[/\s]/, 1)[0] || ''), system: null, kind: 'program' }
  }
  const kind = platform.type === 'mobile' ? 'phone' : platform.type === 'tablet' ? 'tablet' : 'computer'
  const major = browser.version?.split('.')[0]
  return { browser: truncate([browser.name, major].filter(Boolean).join(' ')), system: os.name, kind }
}

const truncate = (name: string): string | null =>
  (name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name) || null
