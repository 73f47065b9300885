const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses `500ms`, `30s`, `1m`, `12h`, `7d` or a number of seconds. Returns milliseconds, or null for other text. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim())
  if (match === null) return null
  return Math.round(Number(match[1]) * (unitsMs[match[2] ?? 's'] ?? 1_000))
}
