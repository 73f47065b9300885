import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = join(import.meta.dirname, '..')

/** Only what is answered before any version is fetched. */
function testNodes(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test-nodes.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('npm run test:nodes', () => {
  it('prints its usage', () => {
    expect(testNodes('--help')).toEqual({
      status: 0,
      stdout: expect.stringContaining('npm run test:nodes [-- [version …] [-- argument for Jest …]]'),
      stderr: '',
    })
  })

  it.each(['19', '20.18', '20.18.3', '4'])('refuses Node %s, which is not supported', (version) => {
    expect(testNodes('24', version)).toEqual({
      status: 2,
      stdout: '',
      stderr: `Node ${version} is not supported: package.json requires >=20.19.0.\n`,
    })
  })

  it.each(['--nodes', 'latest', 'v24'])('refuses %s', (argument) => {
    const stderr = `${argument} is not a version of Node. Put arguments for Jest after --.\n`
    // The last argument must not end in tests if the first one is taken.
    expect(testNodes(argument, 'wrong')).toEqual({ status: 2, stdout: '', stderr })
  })
})
