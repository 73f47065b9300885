import { client } from './client/main.ts'
import { http } from './http/http.ts'
import { instances } from './instances/instances.ts'
import type { Group } from './report/group.ts'
import { rotation } from './rotation/rotation.ts'
import { signin } from './signin/signin.ts'
import { sockets } from './sockets/sockets.ts'
import { start } from './start/start.ts'
import { tokens } from './tokens/tokens.ts'

/** All groups, in the order of the report. Each has a presentation in `presentations.ts`. */
export const groups: readonly Group[] = [http, rotation, tokens, signin, instances, sockets, start, client]
