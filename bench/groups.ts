import { http } from './http/http.ts'
import type { Group } from './report/group.ts'
import { rotation } from './rotation/rotation.ts'
import { tokens } from './tokens/tokens.ts'

/** All groups, in the order of the report. */
export const groups: readonly Group[] = [http, rotation, tokens]
