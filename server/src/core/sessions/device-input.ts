import type { Device } from '../model.ts'
import { readText } from '../text.ts'

/** A device as a client sends it: every part may be missing. */
export type DeviceInput = { readonly [K in keyof Device]?: Device[K] | undefined }

/**
 * The device as the app named it; missing or empty parts become null.
 * @throws BadUserInputError naming the field that is too long.
 */
export function readDevice({ appId, deviceId, deviceName }: DeviceInput): Device {
  return {
    appId: readText(appId, 'appId', 100),
    deviceId: readText(deviceId, 'deviceId', 200),
    deviceName: readDeviceName(deviceName),
  }
}

/**
 * The name of a device as users see it; an empty one becomes null.
 * @throws BadUserInputError
 */
export function readDeviceName(value: string | null | undefined): string | null {
  return readText(value, 'deviceName', 100)
}
