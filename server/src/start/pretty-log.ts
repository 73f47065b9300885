import { prettyFactory } from 'pino-pretty'
import type { LogStream } from '../http/logs/logger.ts'

/** Turns JSON lines into readable ones, at once: a stream of its own could lose the last lines at exit. */
export function prettyLog(stream: LogStream, options: { readonly hasColours: boolean }): LogStream {
  const format = prettyFactory({
    colorize: options.hasColours,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
  })
  return { write: (line) => stream.write(format(line.replace(escaped, replaceControls))) }
}

/** What JSON escapes, and the control characters that it does not. */
const escaped = /\\(?:\\|u00[01][0-9a-f]|[bfr])|[\x7f-\x9f]/gi

/** An error may quote anything, including terminal escape sequences. */
const replaceControls = (found: string) => (found === '\\\\' ? found : '\\ufffd')
