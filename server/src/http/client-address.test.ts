import { expect, it } from '@jest/globals'
import { clientAddress } from './client-address.ts'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:5555', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['1:2:3:4:5:6:7::8:9:a', null],
  ['unknown', null],
  ['', null],
])('parses "%s" as the address %s', (named, address) => {
  expect(clientAddress(named)).toBe(address)
})
