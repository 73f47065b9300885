import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Smaller files fit in a packet or two as they are. */
const LEAST_BYTES = 1_024

/** Writes every built script, style and picture once more, gzipped: the server sends that and compresses nothing itself. */
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
        if (content.length >= LEAST_BYTES) writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}
