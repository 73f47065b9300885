import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Smaller files fit into one or two packets uncompressed. */
const MIN_BYTES = 1_024
/** The highest quality takes seconds for the playground's editor, and saves little more. */
const MAX_BYTES_FOR_BEST_QUALITY = 400_000

/**
 * Writes compressed copies of every built script, style and image: Brotli, a seventh smaller, for browsers over HTTPS and
 * on localhost, and gzip for the others. The server sends those and compresses nothing itself.
 */
export function compressBuild(): Plugin {
  let folder = ''
  return {
    name: 'compress-build',
    apply: 'build',
    configResolved({ root, build }) {
      folder = join(root, build.outDir)
    },
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile() || !/\.(?:js|css|svg|html)$/.test(file.name)) continue
        const path = join(file.parentPath, file.name)
        const content = readFileSync(path)
        if (content.length < MIN_BYTES) continue
        const quality = content.length <= MAX_BYTES_FOR_BEST_QUALITY ? 11 : 9
        const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}
