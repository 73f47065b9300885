/** How hard a password is to guess: 0 none or too short, 1 weak, 2 fair, 3 good, 4 strong. */
export type Strength = 0 | 1 | 2 | 3 | 4

const COMMON = /^(?:password|passwort|12345678|123456789|qwerty|11111111|iloveyou|letmein|welcome|admin)/i

/**
 * A hint from length and variety, in bits as if every character were drawn at random among its kinds; repeats and
 * common beginnings count for little. No measure of truth, only better than none.
 */
export function passwordStrength(password: string): Strength {
  const characters = [...password]
  if (characters.length < 8) return 0
  if (COMMON.test(password) || new Set(characters).size < 4) return 1
  const bits = Math.min(characters.length, new Set(characters).size * 2) * Math.log2(alphabetOf(password))
  if (bits < 45) return 1
  if (bits < 60) return 2
  return bits < 80 ? 3 : 4
}

function alphabetOf(password: string): number {
  const kinds: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/\d/, 10],
    [/[ -/:-@[-`{-~]/, 33],
    [/[^ -~]/u, 1_000],
  ]
  return kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0)
}
