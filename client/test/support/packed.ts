import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const run = promisify(execFile)
export const ROOT = join(import.meta.dirname, '../../..')
const CLIENT = join(ROOT, 'client')
export const JEST = join(ROOT, 'node_modules/jest/bin/jest.js')
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

const made: string[] = []

/** Creates a folder that `cleanUp` removes. */
export async function folderFor(what: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `silent-refresh-${what}-`))
  made.push(folder)
  return folder
}

/** Removes every folder created so far. */
export async function cleanUp(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
}

/** Builds and packs the library as `npm publish` would. @returns the path of the tarball */
export async function pack(): Promise<string> {
  const folder = await folderFor('pack')
  const { files } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8')) as { files: string[] }
  // The others are written by the build.
  const isWritten = (file: string): boolean => !file.startsWith('dist/') && !['schema.graphql', 'docs'].includes(file)
  for (const file of ['package.json', 'README.md', 'LICENSE', ...files.filter(isWritten)]) {
    await cp(join(CLIENT, file), join(folder, file), { recursive: true })
  }
  // `npm run typecheck` has checked the types.
  await run(process.execPath, [join(CLIENT, 'build-lib.mjs'), join(folder, 'dist'), '--noCheck'])
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  return join(folder, filename)
}

/** The projects with nothing but an installed tarball, by tarball. */
const installations = new Map<string, Promise<string>>()

/** Installs the tarball once; all projects are copies. @returns the folder */
function install(tarball: string): Promise<string> {
  const known = installations.get(tarball)
  if (known) return known
  const installing = (async () => {
    const folder = await folderFor('installed')
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: folder })
    return folder
  })()
  installations.set(tarball, installing)
  return installing
}

/**
 * Creates an empty project with the packed library installed from the tarball.
 * @param peers other packages it has, mapped to their names in this repository
 * @param type what its `.js` files are
 */
export async function project(
  tarball: string,
  peers: Readonly<Record<string, string>>,
  type: 'module' | 'commonjs' = 'module',
): Promise<string> {
  const folder = await folderFor('project')
  await cp(await install(tarball), folder, { recursive: true })
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type, private: true, dependencies }))
  for (const [name, here] of Object.entries(peers)) {
    const target = join(folder, 'node_modules', name)
    await mkdir(dirname(target), { recursive: true })
    await symlink(join(ROOT, 'node_modules', here), target)
  }
  return folder
}

/** Type-checks a project. @returns the errors, without those in third-party packages */
export async function typeErrors(folder: string): Promise<string[]> {
  try {
    await run(process.execPath, [TSC, '-p', folder, '--pretty', 'false'])
    return []
  } catch (error) {
    const { stdout } = error as { stdout: string }
    const isForeign = /node_modules\/(?!@silent-refresh)/
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' ') && !isForeign.test(line))
  }
}
