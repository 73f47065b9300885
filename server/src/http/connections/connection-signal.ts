import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'

const signals = new WeakMap<Socket, AbortSignal>()

/**
 * Aborted when the connection closes: no answer to a request on it can arrive then. One signal for the connection, because
 * Node reports the end of a pipelined request only if its response is the current one.
 */
export function connectionSignal(socket: Socket): AbortSignal {
  const known = signals.get(socket)
  if (known !== undefined) return known
  const controller = new AbortController()
  setMaxListeners(0, controller.signal) // one for each pipelined request
  signals.set(socket, controller.signal)
  if (socket.destroyed) controller.abort()
  else socket.once('close', () => controller.abort())
  return controller.signal
}
