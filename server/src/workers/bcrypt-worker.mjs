// Plain JavaScript, because Node itself loads workers, even under tsx and jest.
import bcrypt from 'bcryptjs'

/** @param {{ prepared: string, cost: number }} job */
export const hash = ({ prepared, cost }) => bcrypt.hashSync(prepared, cost)

/** @param {{ prepared: string, hash: string }} job */
export const compare = (job) => bcrypt.compareSync(job.prepared, job.hash)
