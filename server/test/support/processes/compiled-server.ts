import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { transform } from '@swc/core'
import { newDataDir } from './data-dir.ts'

const root = join(import.meta.dirname, '../../../..')
const sources = join(root, 'server/src')

export interface CompiledServer {
  /** A folder that looks like the project to the server: what the server reads there are links. */
  readonly project: string
  /** The folder of the compiled `main.js` and `admin.js`. */
  readonly programs: string
}

/**
 * Compiles the server's sources as they are now for all processes of a test run. Compiling them again in each process takes
 * longer than all the rest of its start.
 */
export async function compileServer(): Promise<CompiledServer> {
  const project = await newDataDir('compiled')
  const programs = join(project, 'server/src')
  await mkdir(programs, { recursive: true })
  for (const path of ['schema.graphql', 'node_modules', 'client', 'server/package.json', 'server/node_modules']) {
    await symlink(join(root, path), join(project, path))
  }
  const files = (await readdir(sources, { recursive: true })).filter((path) => /\.m?[jt]s$/.test(path))
  await Promise.all(
    files.map(async (path) => {
      const target = join(programs, path.replace(/\.ts$/, '.js'))
      await mkdir(dirname(target), { recursive: true })
      const source = await readFile(join(sources, path), 'utf8')
      await writeFile(target, path.endsWith('.ts') ? await compile(source, path) : source)
    }),
  )
  return { project, programs }
}

// The same options as in server/tsconfig.build.json. The types of SWC lack `rewriteRelativeImportExtensions`, which it has.
const jsc = {
  target: 'es2022',
  parser: { syntax: 'typescript', decorators: true },
  transform: { legacyDecorator: true, useDefineForClassFields: false },
  rewriteRelativeImportExtensions: true,
} as const

async function compile(source: string, filename: string): Promise<string> {
  const { code } = await transform(source, { filename, configFile: false, swcrc: false, jsc, module: { type: 'es6' } })
  return code
}
