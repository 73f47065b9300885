// Plain JavaScript, because Node itself loads workers, even under tsx and jest.
import { constants, platform, setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { loadBcrypt } from './load-bcrypt.mjs'

// Requests go first: otherwise a flood of sign-ins would slow down everyone who is signed in. Only Linux has priorities for
// single threads; elsewhere this would slow down the whole process.
if (platform() === 'linux') {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // A sandbox forbids it. Hashing works all the same.
  }
}

const bcrypt = await loadBcrypt(workerData.nativeModule)

/** @param {{ prepared: string, cost: number }} job */
export const hash = ({ prepared, cost }) => bcrypt.hashSync(prepared, cost)

/** @param {import('../core/password/password-hasher.ts').BcryptCheck} job */
export function compare({ prepared, hash, decoyCosts }) {
  const matches = hash !== null && bcrypt.compareSync(prepared, hash)
  if (!matches) for (const cost of decoyCosts) bcrypt.hashSync(prepared, cost)
  return matches
}

/** Whether it uses the native module. */
export const isNative = () => bcrypt.isNative
