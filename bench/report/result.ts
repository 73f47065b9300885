import type { Environment } from './environment.ts'
import type { Section } from './section.ts'

/** What one group measured, when and where. */
export interface Result {
  readonly environment: Environment
  /** How long the group ran. */
  readonly seconds: number
  readonly section: Section
}

/** The latest result of each group, by its name. */
export type Results = Readonly<Record<string, Result>>
