// @ts-check
// The npm scripts load it with `node --import`, before the program, which then starts faster from the second time on.
import module from 'node:module'
import { join, resolve } from 'node:path'

/**
 * Keeps compiled code beside the packages it comes from, where only this project writes. Node 20 has no such cache, and a folder
 * that cannot be written, as in a container, leaves everything as it is.
 * @type {((directory: string) => unknown) | undefined}
 */
const enable = /** @type {any} */ (module).enableCompileCache
enable?.(join(resolve(import.meta.dirname, '../../..'), 'node_modules/.cache/compiled'))
