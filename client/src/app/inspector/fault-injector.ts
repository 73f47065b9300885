import { type InjectionKey, inject, type Ref, readonly, ref } from 'vue'

/** Trouble to order, for the inspector: everything else about it is real, the server and its refusals too. */
export interface Faults {
  /** The `fetch` of everything that goes to the API. */
  readonly fetch: typeof fetch
  /** From now on the server refuses this access token, as if its time were over. */
  spoil(accessToken: string): void
  /** The next refresh is carried out, but its answer does not arrive. */
  loseNextRefresh(): void
  /** While true, no request leaves the page. */
  readonly isCut: Readonly<Ref<boolean>>
  cut(on: boolean): void
}

export const FAULTS: InjectionKey<Faults> = Symbol('faults')

/** @throws Error outside the app. */
export function useFaults(): Faults {
  const faults = inject(FAULTS)
  if (!faults) throw new Error('useFaults() needs the app that provides it')
  return faults
}

export function createFaults(): Faults {
  const spoilt = new Set<string>()
  const isCut = ref(false)
  let losesNext = false

  return {
    async fetch(input, init) {
      if (isCut.value) throw new TypeError('The network is cut')
      const headers = new Headers(init?.headers)
      const token = headers.get('authorization')?.slice('Bearer '.length)
      // Something the server does not know any more, so that it refuses.
      if (token && spoilt.has(token)) headers.set('authorization', `Bearer ${token}-spoilt`)
      const response = await fetch(input, { ...init, headers })
      if (losesNext && typeof init?.body === 'string' && init.body.includes('mutation SilentRefresh')) {
        losesNext = false
        throw new TypeError('The answer was lost')
      }
      return response
    },
    spoil: (token) => void spoilt.add(token),
    loseNextRefresh() {
      losesNext = true
    },
    isCut: readonly(isCut),
    cut(on) {
      isCut.value = on
    },
  }
}
