import type { FastifyInstance } from 'fastify'
import { StartError } from '../errors.ts'

/** Codes that say that the address is not one of this machine. */
const wrongAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])

/**
 * Opens the port.
 * @param portName the variable with the port, for the error.
 * @throws StartError when the port or the address cannot be used.
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  portName: 'PORT' | 'METRICS_PORT',
): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new StartError(`${message}. Stop that program, or set another ${portName}.`, { cause })
    }
    if (code === 'EACCES') {
      throw new StartError(`${message}. Set another ${portName}: those below 1024 may need rights.`, { cause })
    }
    if (!wrongAddress.has(code)) throw cause
    throw new StartError(
      `${message}. HOST is ${JSON.stringify(host)}, but must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.`,
      { cause },
    )
  }
}
