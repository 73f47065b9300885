import { useStorage } from '@vueuse/core'
import type { LoginInput } from '../../graphql/generated.ts'

/** A random identifier of this browser, created at the first sign-in: a new sign-in replaces the last one (S13). */
const deviceId = useStorage('silent-refresh.device', '', undefined, { writeDefaults: false, onError: () => {} })

/** The device fields of a sign-in. The refresh token is kept in a cookie that scripts cannot read (S18). */
export function thisDevice(): Pick<LoginInput, 'appId' | 'deviceId' | 'tokenTransport'> {
  deviceId.value ||= crypto.randomUUID?.() ?? String(Math.random()).slice(2)
  return { appId: 'account-centre', deviceId: deviceId.value, tokenTransport: 'COOKIE' }
}
