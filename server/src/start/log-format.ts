import type { Config } from '../config.ts'

/** Whether log lines are for people: by default in a terminal, except in production. */
export function isLogPretty(
  { logFormat, production }: Pick<Config, 'logFormat' | 'production'>,
  isTerminal: boolean,
): boolean {
  return logFormat === undefined ? isTerminal && !production : logFormat === 'pretty'
}
