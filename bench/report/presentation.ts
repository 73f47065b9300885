import type { Goal } from './goal.ts'
import type { Table } from './section.ts'

/**
 * How RESULTS.md shows what a group measured. It is no part of the stored results, so words can be corrected without measuring
 * again.
 */
export interface Presentation {
  readonly title: string
  readonly goals?: readonly Goal[]
  /** How the figures of a full run were obtained and what they mean: a sentence or two each, in Markdown. */
  readonly notes: readonly string[]
  /** The tables as they are shown, for example without figures that mean nothing. */
  show?(tables: readonly Table[]): readonly Table[]
  /** What follows from the figures, for example why a goal was missed. Also Markdown. */
  remarks?(tables: readonly Table[]): readonly string[]
}

/** The presentation of each group, by its name, in the order of the report. */
export type Presentations = Readonly<Record<string, Presentation>>
