import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const MAX_FILES_IN_FOLDER = 12

/** Every file below these folders, by its path from the root; what was built or installed is left out. */
const filesIn = (...folders: readonly string[]) =>
  folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))

const isSource = (file: string) =>
  /\.(ts|tsx|mjs|js|vue)$/.test(file) && !/\.(test|contract|spec|screens)\.ts$|\/generated\.ts$/.test(file)

/** Texts, and the components of one feature of the app, may be many. */
const mayBeLarge = (folder: string) => /^client\/src\/app\/(locales|[^/]+\/components)$/.test(folder)

/** The folders with too many source files, each with their number. */
function largeFolders(files: readonly string[]) {
  const counts = new Map<string, number>()
  for (const folder of files.filter(isSource).map((file) => dirname(file))) {
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([folder, count]) => count > MAX_FILES_IN_FOLDER && !mayBeLarge(folder))
    .map(([folder, count]) => `${folder}: ${count}`)
}

/** The names of limits that say neither `max` nor `min`. */
const oddLimits = (code: string) =>
  code.match(/\b(?:(?:MOST|LEAST|LONGEST)_\w+|(?:most|least)[A-Z]\w*|atMost)\b/g) ?? []

it(`has at most ${MAX_FILES_IN_FOLDER} source files in a folder`, () => {
  expect(largeFolders(filesIn('server', 'client', 'bench', 'e2e', 'examples', 'scripts', 'test'))).toEqual([])
})

it('counts source files only, folder by folder', () => {
  const folder = (name: string, files: number, suffix = '.ts') =>
    Array.from({ length: files }, (_, index) => `${name}/file-${index}${suffix}`)
  expect(largeFolders([...folder('server/src/core', 13), ...folder('client/src/app/ui', 14, '.vue')])).toEqual([
    'server/src/core: 13',
    'client/src/app/ui: 14',
  ])
  expect(
    largeFolders([
      ...folder('server/src/core', 12),
      ...folder('server/src/core', 13, '.test.ts'),
      ...folder('server/src/core/tokens', 12),
      ...folder('client/src/app/users', 13, '.graphql'),
      ...folder('client/src/app/users/components', 13, '.vue'),
      ...folder('client/src/app/locales', 13),
    ]),
  ).toEqual([])
})

it('names limits max… and min…', () => {
  const found = filesIn('server/src', 'client/src')
    .filter(isSource)
    .flatMap((file) => oddLimits(readFileSync(join(root, file), 'utf8')).map((name) => `${file}: ${name}`))
  expect([...new Set(found)]).toEqual([])
})

it.each(['MOST_SOCKETS', 'LEAST_COST', 'LONGEST_NAME', 'mostSessions', 'leastLength', 'atMost'])(
  'refuses the name %s for a limit',
  (name) => {
    expect(oddLimits(`const limit = ${name}(1)`)).toEqual([name])
  },
)

it.each(['MAX_SOCKETS', 'maxSessions', 'minLength', 'almost', 'least(a, b)', 'at most'])('accepts %s', (code) => {
  expect(oddLimits(code)).toEqual([])
})
