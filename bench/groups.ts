import { http } from './http/http.ts'
import type { Group } from './report/group.ts'

/** All groups, in the order of the report. */
export const groups: readonly Group[] = [http]
