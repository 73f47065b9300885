import { domainToASCII } from 'node:url'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { emailSearchKey, readEmail } from './user-input.ts'

it.each([
  ['bücher@bücher.example', 'bücher@xn--bcher-kva.example'],
  ['bücher@bücher.example', ' BU\u0308CHER@BU\u0308CHER.Example '],
  ['ada@faß.example', 'ada@xn--fa-hia.example'],
  ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
  ['ada@fi.example', 'ada@ﬁ.example'],
  ['ﬁ@example.com', 'ﬁ@EXAMPLE.com'],
  ['ǰ@example.com', 'J\u030c@example.com'],
  ['ada@xn--i-7iq.example', 'ada@XN--i-7iq.example'], // i❤: no letter
  ['ada@xn--mgba3gch31f060k.example', 'ada@xn--mgba3gch31f060k.example'], // contains a joiner
  ['xn--bcher-kva@example.com', 'xn--bcher-kva@example.com'],
])('S1: %s is the canonical form of %s', (canonical, spelling) => {
  expect(readEmail(spelling)).toBe(canonical)
  expect(readEmail(canonical)).toBe(canonical)
})

it.each([
  ...['ada', '@example.com', 'ada@', 'ada@example', 'a@b@example.com', 'a da@example.com', 'ada@exa mple.com'],
  ...['ada@.example.com', 'ada@example..com', 'ada@-example.com', 'ada@example.c', `${'a'.repeat(65)}@example.com`],
  ...[
    'ada\u200b@example.com',
    'ada@exa\u034fmple.com',
    'ada@exa\u00admple.com',
    'ada@i❤.example',
    'ada@نامه\u200cای.example',
  ],
  ...['ada@xn--a.example', 'ada@bücher。example', 'ada@１.２２', 'ada@\u0301a.example', `ada@${'a.'.repeat(125)}com`],
])('S1: rejects %s', (text) => {
  expect(() => readEmail(text)).toThrow('Enter an email address like name@example.com')
})

const letters = fc.constantFrom(...'abcxyz019üßςσжяאبनि中文한ｱﬁǰİıĲ', 'J\u030c', 'u\u0308', '-')
const label = fc.array(letters, { minLength: 2, maxLength: 6 }).map((all) => all.join(''))
const address = fc.tuple(label, label, label).map(([local, domain, top]) => `${local}@${domain}.${top}`)

/** Null when it is rejected. */
function read(email: string): string | null {
  try {
    return readEmail(email)
  } catch {
    return null
  }
}

it('S1: the canonical form of a canonical form is itself, and all spellings of one address have the same', () => {
  let accepted = 0
  fc.assert(
    fc.property(address, (email) => {
      const canonical = read(email)
      if (canonical === null) return
      accepted += 1
      const [local, domain] = canonical.split('@') as [string, string]
      const spellings = [canonical, ` ${email.normalize('NFD')} `, `${local}@${domainToASCII(domain)}`]
      for (const spelling of spellings) expect(read(spelling)).toBe(canonical)
    }),
    { numRuns: 2_000, seed: 2026 },
  )
  expect(accepted).toBeGreaterThan(200)
})

it('S1: any part of an address finds it, in either form of its domain', () => {
  const email = readEmail('Ada.ﬁ@bücher.example')
  for (const text of [
    'ﬁ',
    'BÜCHER',
    'bu\u0308cher.ex',
    'xn--bcher-kva',
    '@XN--bcher-kva.exam',
    'a.ﬁ@xn--bcher-kva.example',
  ]) {
    expect(email).toContain(emailSearchKey(text))
  }
  expect(readEmail('xn--bcher-kva@example.com')).toContain(emailSearchKey('xn--bcher-kva@'))
})
