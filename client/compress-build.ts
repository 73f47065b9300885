import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Smaller files fit into one or two packets uncompressed. */
const MIN_BYTES = 1_024

/** Writes a gzipped copy of every built script, style and image. The server sends those and compresses nothing itself. */
export function gzipBuild(): Plugin {
  let folder = ''
  return {
    name: 'gzip-build',
    apply: 'build',
    configResolved({ root, build }) {
      folder = join(root, build.outDir)
    },
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile() || !/\.(?:js|css|svg|html)$/.test(file.name)) continue
        const path = join(file.parentPath, file.name)
        const content = readFileSync(path)
        if (content.length >= MIN_BYTES) writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}
