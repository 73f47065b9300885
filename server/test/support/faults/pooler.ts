import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/**
 * Stands for a pooler in transaction mode: it gives its clients process ids of its own, which is all they can see of it when
 * they connect. The server then pins no settings for the session.
 */
export const startPooler = (databaseUrl: string): Promise<TcpProxy> => startTcpProxy(databaseUrl, withOtherProcessId)

/** Replaces the id in `BackendKeyData` and leaves everything else as it is. @see PostgreSQL, Message Formats */
function withOtherProcessId(): (answer: Buffer) => Buffer {
  let unread = Buffer.alloc(0)
  let isReady = false
  return (answer) => {
    if (isReady) return answer
    unread = Buffer.concat([unread, answer])
    const messages: Buffer[] = []
    while (!isReady && unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
      const message = unread.subarray(0, unread.readInt32BE(1) + 1)
      unread = unread.subarray(message.length)
      const type = String.fromCharCode(message[0] ?? 0)
      if (type === 'K') message.writeInt32BE(1, 5) // no backend has this process id
      isReady = type === 'Z'
      messages.push(message)
    }
    if (isReady) messages.push(unread)
    return Buffer.concat(messages)
  }
}
