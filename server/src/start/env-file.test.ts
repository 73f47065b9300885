import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { loadConfig } from '../config.ts'
import { loadEnvFile, parseEnvFile } from './env-file.mjs'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silent-refresh-env-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('reads values as Docker Compose does', () => {
  const text = [
    '\ufeffPLAIN=value',
    ' export SPACED = two words  # a comment',
    'HASH=a#b',
    'EMPTY=',
    'ONLY_COMMENT= # nothing',
    "SINGLE='$a #b \\n' # a comment",
    'DOUBLE="a #b \\"c\\" \\\\ \\n"',
    '# COMMENT=1',
    '',
    'EQUALS=a=b==',
    "INSIDE=it's",
    'PLAIN=again',
  ].join('\r\n')
  expect(parseEnvFile(text)).toEqual({
    problems: [],
    values: {
      PLAIN: 'again',
      SPACED: 'two words',
      HASH: 'a#b',
      EMPTY: '',
      ONLY_COMMENT: '',
      SINGLE: '$a #b \\n',
      DOUBLE: 'a #b "c" \\ \n',
      EQUALS: 'a=b==',
      INSIDE: "it's",
    },
  })
})

it('names every line that it cannot read, without its content', async () => {
  const file = join(folder, 'invalid.env')
  await writeFile(
    file,
    'secret-1\nPORT=4000\n2ND=secret-2\nA="secret-3\nB=\'secret-4\' secret-5\nC=secret$6\nD="$secret7"\n',
  )
  const env = {}
  expect(() => loadEnvFile(file, env)).toThrow(
    `${file} is not valid: line 1 must have the form NAME=value; line 3 must have the form NAME=value; line 4 has a quote that is not closed; line 5 has text after the closing quote; line 6 contains "$": put its value in single quotes; line 7 contains "$": put its value in single quotes.`,
  )
  expect(() => loadEnvFile(file, env)).not.toThrow('secret')
  expect(env).toEqual({})
})

it('sets only what the environment does not have, even if that is empty', async () => {
  const file = join(folder, 'some.env')
  await writeFile(file, 'PORT=1\nHOST=2\nDATA_DIR=3\n')
  const env: Record<string, string | undefined> = { PORT: '4000', HOST: '' }
  loadEnvFile(file, env)
  expect(env).toEqual({ PORT: '4000', HOST: '', DATA_DIR: '3' })
})

it('needs no file, but says why it cannot read one', async () => {
  const env = {}
  loadEnvFile(join(folder, 'missing.env'), env)
  expect(env).toEqual({})
  await mkdir(join(folder, 'directory.env'))
  expect(() => loadEnvFile(join(folder, 'directory.env'), env)).toThrow(/directory\.env cannot be read: EISDIR/)
})

it('reads .env.example as the defaults', async () => {
  const { values, problems } = parseEnvFile(await readFile(join(import.meta.dirname, '../../../.env.example'), 'utf8'))
  expect(problems).toEqual([])
  expect(Object.keys(values)).toContain('PORT')
  expect(loadConfig(values)).toEqual(loadConfig({}))
})
