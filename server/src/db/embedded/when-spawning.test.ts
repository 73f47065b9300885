import childProcess, { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'
import { whenSpawning } from './when-spawning.ts'

const sleeper = ['-e', 'process.stdin.resume()']

it('reports every process that the work starts, as soon as it runs, and none afterwards', async () => {
  const started: boolean[] = []
  let child: childProcess.ChildProcess | undefined
  const onSpawn = () => started.push(child === undefined)
  await whenSpawning({ onSpawn }, async () => {
    child = childProcess.spawn(process.execPath, sleeper)
    expect(started).toEqual([true])
    child.kill()
    await once(child, 'exit')
  })
  const later = childProcess.spawn(process.execPath, sleeper)
  later.kill()
  expect(started).toHaveLength(1)
  expect(childProcess.spawn).toBe(spawn)
})

it('restores everything when the work fails', async () => {
  const { spawn: before } = childProcess
  const failing = whenSpawning({}, () => Promise.reject(new Error('no such program')))
  await expect(failing).rejects.toThrow('no such program')
  expect(childProcess.spawn).toBe(before)
})
