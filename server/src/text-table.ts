/** Rows for a terminal, each column as wide as it needs to be, under the names of the first row. */
export function textTable(rows: readonly Record<string, string | Date | null>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => toCell(row[name] ?? null)))]
  const widths = names.map((_name, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A user agent may hold anything: nothing of it may steer the terminal. */
function toCell(value: string | Date | null): string {
  const text = value instanceof Date ? value.toISOString() : (value ?? '–')
  return text.replace(/\p{Cc}/gu, '\ufffd')
}
