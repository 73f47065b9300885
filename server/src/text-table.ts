/** Formats rows for a terminal, with the property names of the first row as headings and columns as wide as needed. */
export function textTable(rows: readonly Readonly<Record<string, string | Date | null>>[]): string {
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

/** Replaces control characters: a user agent may contain anything, including terminal escape sequences. */
function toCell(value: string | Date | null): string {
  const text = value instanceof Date ? value.toISOString() : (value ?? '–')
  return text.replace(/\p{Cc}/gu, '\ufffd')
}
