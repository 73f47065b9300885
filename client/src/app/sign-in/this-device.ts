import type { LoginInput } from '../../graphql/generated.ts'
import { deviceId } from '../ui/preferences.ts'

/** What a sign-in says of this browser; the refresh token stays in a cookie that no script can read (S18). */
export function thisDevice(): Pick<LoginInput, 'appId' | 'deviceId' | 'tokenTransport'> {
  return { appId: 'account-centre', deviceId: deviceId(), tokenTransport: 'COOKIE' }
}
