/** A table of the report. The first column names what the row measures. */
export interface Table {
  readonly title?: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What one group measured: a chapter of RESULTS.md. */
export interface Section {
  readonly title: string
  /** What differs from run to run and is no figure: versions, cores, failures. A sentence or two each, in Markdown. */
  readonly circumstances?: readonly string[]
  readonly tables: readonly Table[]
}
