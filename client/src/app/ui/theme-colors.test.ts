import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { THEME_COLORS } from './theme-colors.ts'

const style = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8')

/** The custom properties of the first rule with this selector. */
function propertiesOf(selector: string): Record<string, string> {
  const rule = style.slice(style.indexOf(`${selector} {`)).split('}', 1)[0] ?? ''
  return Object.fromEntries([...rule.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]))
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Foreground and background. */
const PAIRS = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['text', 'warning-soft'],
  ['muted', 'ground'],
  ['muted', 'surface'],
  ['brand', 'ground'],
  ['brand', 'surface'],
  ['brand', 'brand-soft'],
  ['error', 'ground'],
  ['error', 'surface'],
  ['error', 'error-soft'],
] as const

it('computes contrast as WCAG defines it', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#ffffff', '#18a058')).toBeCloseTo(3.4, 1)
})

describe.each([
  ['light', ':root', '#ffffff'],
  ['dark', ':root[data-theme="dark"]', '#000000'],
] as const)('%s theme', (theme, selector, onButton) => {
  const colours = propertiesOf(selector)

  it.each(PAIRS)('%s on %s has a contrast of at least 4.5:1', (text, ground) => {
    expect(contrast(colours[text] ?? '', colours[ground] ?? '')).toBeGreaterThanOrEqual(4.5)
  })

  it('button labels have a contrast of at least 4.5:1 in every state', () => {
    for (const button of Object.values(THEME_COLORS[theme])) {
      expect(contrast(onButton, button)).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('components and style sheet use the same colours', () => {
    const { primaryColor, errorColor } = THEME_COLORS[theme]
    expect([primaryColor, errorColor]).toEqual([colours.brand, colours.error])
  })
})
