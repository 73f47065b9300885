/** A table of the report. The first column names what the row measures. */
export interface Table {
  readonly title?: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What one group measured: a chapter of RESULTS.md. */
export interface Section {
  readonly title: string
  /** How the figures were obtained and what they mean: a sentence or two each, in Markdown. */
  readonly notes: readonly string[]
  readonly tables: readonly Table[]
}
