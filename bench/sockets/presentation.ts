import type { Presentation } from '../report/presentation.ts'

export const SOCKETS_PER_SESSION = 20
export const SETTLE_MS = 3_000

export const presentation: Presentation = {
  title: 'Memory of open sockets',
  notes: [
    `WebSockets with \`graphql-transport-ws\`, ${SOCKETS_PER_SESSION} for each session. The memory is that of the server's
    process, ${SETTLE_MS / 1_000} s after the last change, and includes the sessions and users that it remembers; the rest of the
    system uses more, such as the kernel for its buffers.`,
  ],
}
