import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8')

const BLOCK = /^```(\w*)\n(.*?)^```/gms
const codeSpans = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code)

/**
 * What a document says in any language: its outline, its code and its links. Diagrams may have translated labels. In a
 * table, the order of the code in a description may follow the language.
 */
function contentOf(text: string) {
  const prose = text.replace(BLOCK, '')
  const links = [...prose.matchAll(/\]\(([^)#\s]+)([^)]*)\)/g)].map(([, file = '', anchor]) => `${file}${anchor}`)
  return {
    outline: [...prose.matchAll(/^(#+) /gm)].map(([, level]) => level),
    blocks: [...text.matchAll(BLOCK)].map(([, language, code = '']) =>
      language === 'mermaid' ? code.split('\n').length : code,
    ),
    tables: prose
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((row) => row.split('|').map((cell) => codeSpans(cell).sort())),
    // Screenshots exist in both languages, and each document links to the other.
    links: new Set(links.filter((link) => !/\.webp$|^README/.test(link))),
    code: new Set(codeSpans(prose)),
  }
}

const english = read('README.md')
const chinese = read('README.zh-CN.md')

describe('README.zh-CN.md', () => {
  it('has the headings, commands, tables and links of README.md', () => {
    expect(contentOf(chinese)).toEqual(contentOf(english))
  })

  it.each([
    ['a heading', '## Test\n', ''],
    ['a command', 'npm install && npm test', 'npm test'],
    ['a row', /^\| `LOG_LEVEL`.*\n/m, ''],
    ['a default', '| `650s` |', '| `600s` |'],
    ['a link', '(SECURITY.md)', '(CONTRIBUTING.md)'],
    ['a name in a sentence', '`useSession()`', '`useRoute()`'],
  ])('would be reported if %s of README.md changed', (_, from, to) => {
    const changed = english.replace(from, to)
    expect(changed).not.toBe(english)
    expect(contentOf(chinese)).not.toEqual(contentOf(changed))
  })

  it('is written in Chinese', () => {
    const paragraphs = chinese.replace(BLOCK, '').split(/\n\n+/)
    const isText = (text: string) => /[a-z]{3} [a-z]{3}/i.test(text) && !text.startsWith('#')
    expect(paragraphs.filter((text) => isText(text) && !/\p{Script=Han}/u.test(text))).toEqual([])
  })
})
