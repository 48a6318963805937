/** Durations as workflows write them: 90s, 10m, 1h30m. */
export const durationPattern = /^(?=\d)(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/

/** The longest that a timer of Node.js takes (24.8 days); longer ones would be over at once. */
export const longestMs = 2 ** 31 - 1

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

export function durationMs(text: string): number {
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|h|m|s)/g)) total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return total
}
