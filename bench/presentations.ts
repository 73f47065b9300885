import { presentation as client } from './client/presentation.ts'
import { presentation as http } from './http/presentation.ts'
import { presentation as instances } from './instances/presentation.ts'
import type { Presentations } from './report/presentation.ts'
import { presentation as rotation } from './rotation/presentation.ts'
import { presentation as signin } from './signin/presentation.ts'
import { presentation as sockets } from './sockets/presentation.ts'
import { presentation as start } from './start/presentation.ts'
import { presentation as tokens } from './tokens/presentation.ts'

/** How the report shows each group, in its order. Reading them loads nothing that measures. */
export const presentations = {
  ...{ http, rotation, tokens, signin },
  ...{ instances, sockets, start, client },
} satisfies Presentations
