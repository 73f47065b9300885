import type { Section } from './section.ts'

export interface RunOptions {
  /** Short rounds: shows that everything runs, but the figures mean nothing. */
  readonly quick: boolean
  /** Tells the terminal what is being measured. */
  progress(line: string): void
}

/** A group of measurements that `npm run bench -- <name>` runs alone. */
export interface Group {
  /** Its name on the command line. */
  readonly name: string
  readonly title: string
  /** Releases everything it started, even if it fails. */
  run(options: RunOptions): Promise<Section>
}
