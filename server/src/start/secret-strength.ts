/**
 * Secrets below this are refused in production. Of 60,000 random secrets of 32 hexadecimal digits, which have 128 bits, the
 * lowest estimate was 97, because some digits were missing and others formed sequences. Bits.
 */
export const MIN_SECRET_BITS = 90

/** What a common word counts, however long it is. Bits. */
const WORD_BITS = 6
/** What a part of at least four characters counts that occurs earlier in the secret. Random secrets have shorter ones. Bits. */
const REPEATED_BITS = 10
const MIN_REPEATED_LENGTH = 4
/** The next character of a sequence, such as the 4 after 123. Bits. */
const NEXT_BITS = 1

const words =
  /pass(word|phrase|wd)?|secret|change|example|default|placeholder|replace|sample|insert|generate|random|secure|string|token|access|refresh|silent|session|server|production|development|staging|admin|user|root|test|demo|dummy|key|jwt|auth|login|letmein|welcome|hello|world|qwerty|monkey|dragon|master|shadow|football|baseball|iloveyou|sunshine|princess|abcd|this|that|your|here|with|must|very|long|super|least|bytes|characters/y
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', 'abcdefghijklmnopqrstuvwxyz']
const neighbours = [...rows, ...rows.map((row) => [...row].reverse().join(''))]
const leet: Record<string, string> = { '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's' }

/**
 * Estimates how hard a secret is to guess, in bits: each character counts as one of the different ones in the secret, but
 * common words, repetitions and sequences count as little as they cost to guess. It is cautious about random secrets: those
 * of at least 32 characters reach `MIN_SECRET_BITS`.
 */
export function estimateBits(secret: string): number {
  const text = secret.toLowerCase()
  const plain = text.replace(/[0134577@$]/g, (character) => leet[character] ?? character)
  const characterBits = Math.log2(Math.max(2, new Set(secret).size))
  let bits = 0
  for (let at = 0; at < text.length; ) {
    const word = Math.max(wordLength(text, at), wordLength(plain, at))
    const repeated = repeatedLength(text, at)
    if (repeated >= MIN_REPEATED_LENGTH && repeated >= word) {
      bits += Math.min(REPEATED_BITS, repeated * characterBits)
      at += repeated
    } else if (word > 0) {
      bits += Math.min(WORD_BITS, word * characterBits)
      at += word
    } else {
      bits += isNext(text, at) ? Math.min(NEXT_BITS, characterBits) : characterBits
      at += 1
    }
  }
  return bits
}

function wordLength(text: string, at: number): number {
  words.lastIndex = at
  return words.exec(text)?.[0].length ?? 0
}

/** How much of the text from here on occurs earlier in it; the two may overlap, as in `ababab`. */
function repeatedLength(text: string, at: number): number {
  let longest = 0
  while (at + longest < text.length && text.lastIndexOf(text.slice(at, at + longest + 1), at - 1) !== -1 && at > 0) {
    longest += 1
  }
  return longest
}

/** Whether the character continues a sequence of at least two before it: the same again, or the next in a row. */
function isNext(text: string, at: number): boolean {
  if (at < 2) return false
  const three = text.slice(at - 2, at + 1)
  return new Set(three).size === 1 || neighbours.some((row) => row.includes(three))
}
