import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const documents = [
  ...['.', 'client'].flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file))),
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'))

const withoutBlocks = (text: string) => text.replace(/^```.*?^```/gms, '')

/** The links of a document to other files and to its own headings. */
const linksIn = (text: string) =>
  [
    ...withoutBlocks(text)
      .replace(/`[^`\n]*`/g, 'code')
      .matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g),
  ]
    .map(([, link, attribute]) => link ?? attribute ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))

/** The anchors of a document: those that GitHub derives from headings, and those set by hand. */
const anchorsIn = (text: string) => [
  ...[...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  ),
  ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = '']) => id),
]

/** Whether the file, and the heading in it, exist. */
function resolves(document: string, link: string) {
  const [path = '', anchor] = link.split('#')
  const target = path ? join(dirname(document), decodeURI(path)) : document
  if (!existsSync(join(root, target))) return false
  return !anchor || !target.endsWith('.md') || anchorsIn(read(target)).includes(anchor)
}

const brokenLinks = (document: string, text: string) => linksIn(text).filter((link) => !resolves(document, link))

interface Rule {
  readonly id: string
  readonly text: string
  readonly tests: readonly string[]
}

/** The rules of the protocol, each with the test files that it names. */
const rules: readonly Rule[] = read('PROTOCOL.md')
  .split(/^(?=\*\*[SC]\d+\.|#)/m)
  .flatMap((text) => {
    const id = text.match(/^\*\*([SC]\d+)\./)?.[1]
    return id ? { id, text, tests: linksIn(text).filter((link) => /\.(test|spec)\.ts$/.test(link)) } : []
  })
/** Numbers whose rules are not written yet. */
const RESERVED = ['C15']
const needsTest = ({ text }: Rule) => !/\*Not implemented yet\.\*|no test of its own/.test(text)

/** The rules that the test titles of a file name in front of a colon: `S7:`, `S5–S9, S12:`. */
function rulesIn(code: string) {
  const prefixes = [...code.matchAll(/['"`]([SC]\d+(?:(?:, | and |–)[SC]\d+)*): /g)].map(([, prefix = '']) => prefix)
  return prefixes
    .flatMap((prefix) => prefix.split(/, | and /))
    .flatMap((part) => {
      const [from = '', to = from] = part.split('–')
      const [first, last] = [Number(from.slice(1)), Number(to.slice(1))]
      return Array.from({ length: last - first + 1 }, (_, index) => `${from[0]}${first + index}`)
    })
}

describe('links', () => {
  it.each(documents)('of %s lead to files and headings that exist', (document) => {
    expect(brokenLinks(document, read(document))).toEqual([])
  })

  it('are reported when their file or heading does not exist', () => {
    const text =
      '[a](LICENSE) [b](docs/no-page.md) [c](PROTOCOL.md#glossary) [d](PROTOCOL.md#no-heading) <img src="no.png">'
    expect(brokenLinks('README.md', text)).toEqual(['docs/no-page.md', 'PROTOCOL.md#no-heading', 'no.png'])
  })

  it('in code are not checked', () => {
    expect(linksIn('```md\n[a](b)\n```\n`[c](d)` [e](https://example.com)')).toEqual([])
  })
})

describe('rules of the protocol', () => {
  it.each([
    ['S', 24],
    ['C', 17],
  ])('%s1 to %s%i are all there, in order', (letter, count) => {
    const numbers = rules.map(({ id }) => id).filter((id) => id.startsWith(letter))
    const all = Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
    expect(numbers).toEqual(all.filter((id) => !RESERVED.includes(id)))
  })

  it.each(rules.filter(needsTest))('$id has a test with its number in each file that it names', ({ id, tests }) => {
    expect(tests).not.toEqual([])
    expect(tests.filter((file) => !existsSync(join(root, file)) || !rulesIn(read(file)).includes(id))).toEqual([])
  })

  it('are read from titles, one by one and as ranges', () => {
    expect(rulesIn("it('S7: a title (S8)', () => {}); it(`S5–S7, C2 and C4: another`)")).toEqual([
      'S7',
      'S5',
      'S6',
      'S7',
      'C2',
      'C4',
    ])
  })
})
