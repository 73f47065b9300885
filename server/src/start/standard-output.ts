import type { LogStream } from '../http/logs/logger.ts'

/** How much output may wait for a reader that does not read; later log lines are dropped. Bytes. */
const MAX_UNREAD_BYTES = 1_000_000

/** The lines of this turn of the event loop. */
let lines = ''

function writeLines(): void {
  const text = lines
  lines = ''
  if (text !== '' && process.stdout.writableLength < MAX_UNREAD_BYTES) process.stdout.write(text)
}
process.on('exit', writeLines)

/**
 * Writes log lines to standard output, those of one turn of the event loop at once: under load, a system call for each
 * line took a twentieth of the time of a request. The logger's own stream freezes the process, which then ignores even
 * signals: it sleeps while a pipe is full, and at exit it retries a write endlessly after the reader has closed the
 * pipe. Standard output queues instead, and reports an error.
 */
export const standardOutput: LogStream = {
  write(line) {
    if (lines === '') setImmediate(writeLines)
    lines += line
  },
}

/** Prints what must not be lost, after the log lines that came before it. */
export function print(line: string): void {
  writeLines()
  process.stdout.write(`${line}\n`)
}

/**
 * Calls the listener when nothing can be written to standard output any more, for example because its reader has ended.
 * Standard error has no listener of its own: a process that cannot report an error still has to finish its work.
 */
export function onOutputClosed(listener: () => void): void {
  process.stdout.on('error', listener)
  process.stderr.on('error', () => {})
}
