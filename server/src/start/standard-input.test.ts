import { Readable } from 'node:stream'
import { expect, it } from '@jest/globals'
import { readSecret } from './standard-input.ts'

const input = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))

it.each([
  ['no line break', 'pass – phrase'],
  ['a line break', 'pass – phrase\n'],
  ['a line break of Windows', 'pass – phrase\r\n'],
])('reads a secret that ends with %s', async (_end, text) => {
  expect(await readSecret(input(text))).toBe('pass – phrase')
})

it('keeps all other characters, wherever the chunks end', async () => {
  const text = ' two\nlines – \n'
  expect(await readSecret(input(...[...Buffer.from(text)].map((byte) => Buffer.of(byte))))).toBe(' two\nlines – ')
})

it('refuses what cannot be a secret, without quoting it', async () => {
  await expect(readSecret(input('x'.repeat(9_000), 'x'.repeat(9_000)))).rejects.toThrow(
    /^The secret in standard input is too long\.$/,
  )
  await expect(readSecret(input(Buffer.from('latin-1: \xe9\xe8', 'latin1')))).rejects.toThrow(
    /^The secret in standard input is not UTF-8\.$/,
  )
})

it('does not read from a terminal, which would display the secret', async () => {
  await expect(readSecret(Object.assign(input('secret'), { isTTY: true }))).rejects.toThrow('needs a file or a pipe')
})
