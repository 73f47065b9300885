import type { Mark } from './record-session.ts'

/** These colours have a contrast of at least 3:1 on light and dark backgrounds, and differ in lightness as well. */
export const COLOURS: Record<Mark['kind'], string> = {
  operation: '#3f83c8',
  refused: '#d6453d',
  failed: '#808a94',
  replay: '#c2741a',
  wait: '#8a7fd1',
  refresh: '#12938a',
  retry: '#b0892a',
  failure: '#d6453d',
  adopted: '#b0589f',
  signedIn: '#12938a',
  token: '#12938a',
  ended: '#d6453d',
}
