import Bowser from 'bowser'

/** A browser and its system in words, as far as the `User-Agent` header tells. */
export interface DeviceWords {
  readonly browser: string | null
  readonly system: string | null
  readonly kind: 'phone' | 'tablet' | 'computer' | 'program'
}

/** What a program may call itself, in characters: anybody can send anything, and it stands in other people's lists. */
const LONGEST_NAME = 40

/** Reads a `User-Agent` header. What is no browser (a script, an app) is named by its first word. */
export function describeDevice(userAgent: string | null): DeviceWords {
  if (!userAgent) return { browser: null, system: null, kind: 'program' }
  const { browser, os, platform } = Bowser.parse(userAgent)
  if (!os.name)
    return { browser: short(browser.name || userAgent.split(/[/\s]/, 1)[0] || ''), system: null, kind: 'program' }
  const kind = platform.type === 'mobile' ? 'phone' : platform.type === 'tablet' ? 'tablet' : 'computer'
  const major = browser.version?.split('.')[0]
  return { browser: short([browser.name, major].filter(Boolean).join(' ')), system: os.name, kind }
}

const short = (name: string): string | null =>
  (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name) || null
