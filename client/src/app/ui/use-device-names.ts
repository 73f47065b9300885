import { useI18n } from 'vue-i18n'
import { describeDevice } from './describe-device.ts'

/** What is known of the device of a session. */
interface Device {
  readonly deviceName?: string | null
  readonly userAgent?: string | null
}

/** Devices in the words of the person's language. */
export function useDeviceNames() {
  const { t } = useI18n()

  /** "Chrome 140 on Linux"; null when the header does not tell. */
  function kindOf(userAgent: string | null): string | null {
    const { browser, system } = describeDevice(userAgent)
    return browser && system ? t('devices.browserOnSystem', { browser, system }) : browser
  }

  /** The name that the device was given, or else what it is. */
  const nameOf = ({ deviceName, userAgent }: Device): string =>
    deviceName ?? kindOf(userAgent ?? null) ?? t('devices.unknown')

  return { kindOf, nameOf }
}
