import { join } from 'node:path'

/** The arguments with which Node runs a program of the server: compiled by the set-up of the run, or else its source. */
export function serverProgram(name: 'main' | 'admin'): string[] {
  const compiled = process.env.TEST_SERVER_PROGRAMS
  return compiled === undefined ? ['--import', 'tsx', `src/${name}.ts`] : [join(compiled, `${name}.js`)]
}
