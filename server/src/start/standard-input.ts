import type { Readable } from 'node:stream'

/** More than the longest password. Bytes. */
const MAX_SECRET_BYTES = 10_000

/**
 * Reads a secret to its end. It may be in a file or come from a pipe, so a line break at its end does not belong to it. Not from
 * a terminal, which would display it.
 * @throws Error when it is a terminal, too long or not UTF-8; the message never contains the secret.
 */
export async function readSecret(input: Readable & { readonly isTTY?: boolean }): Promise<string> {
  if (input.isTTY) {
    throw new Error('--stdin needs a file or a pipe, because a terminal displays what you type: … --stdin < file')
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_SECRET_BYTES) throw new Error('The secret in standard input is too long.')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
  } catch {
    throw new Error('The secret in standard input is not UTF-8.')
  }
}
