import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import { cleanUp, folderFor, ROOT, run } from './support/packed.ts'

const CLIENT = join(ROOT, 'client')
const TYPEDOC = join(ROOT, 'node_modules/typedoc/bin/typedoc')

afterAll(cleanUp)

/** The contents of all files in a folder, by path. */
async function contentsOf(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  const entries = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [path.slice(folder.length), await readFile(path, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

it('docs/api matches the docstrings (update it with npm run docs:api -w client)', async () => {
  const folder = await folderFor('api-docs')
  await run(process.execPath, [TYPEDOC, '--out', folder], { cwd: CLIENT })
  expect(await contentsOf(join(ROOT, 'docs/api'))).toEqual(await contentsOf(folder))
})
