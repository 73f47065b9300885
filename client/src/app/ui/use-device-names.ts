import { useI18n } from 'vue-i18n'
import { describeDevice } from './describe-device.ts'

/** What is known about the device of a session. */
interface Device {
  readonly deviceName?: string | null
  readonly userAgent?: string | null
}

/** Names devices in the language of the app. */
export function useDeviceNames() {
  const { t } = useI18n()

  /** "Chrome 140 on Linux"; null when the header does not tell. */
  function browserOf(userAgent: string | null): string | null {
    const { browser, system } = describeDevice(userAgent)
    return browser && system ? t('devices.browserOnSystem', { browser, system }) : browser
  }

  /** The name that the user gave the device, or else its browser and system. */
  const nameOf = ({ deviceName, userAgent }: Device): string =>
    deviceName ?? browserOf(userAgent ?? null) ?? t('devices.unknown')

  return { browserOf, nameOf }
}
