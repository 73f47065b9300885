// Plain JavaScript: a worker is loaded by Node itself, under tsx and jest too.
import bcrypt from 'bcryptjs'

/** @param {{ prepared: string, cost: number }} job */
export const hash = ({ prepared, cost }) => bcrypt.hashSync(prepared, cost)

/** @param {{ prepared: string, hash: string }} job */
export const compare = (job) => bcrypt.compareSync(job.prepared, job.hash)
