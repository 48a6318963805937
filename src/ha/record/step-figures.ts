/** "etcd-healthy 3 → 2 → 3": the figures of each check that has any. */
import type { StepRecord } from './record.ts'

/** "etcd-healthy 3 → 2 → 3": the figures of each check that has any. */
export function summarize(records: readonly StepRecord[]): string {
  const figures = new Map<string, string[]>()
  for (const { step, figure } of records) if (figure !== null) figures.set(step, [...(figures.get(step) ?? []), figure])
  return [...figures].map(([step, values]) => `${step} ${compress(values)}`).join(' · ')
}

export const compress = (values: readonly string[]): string =>
  new Set(values).size === 1 && values.length > 1 ? `${values.length} × ${values[0]}` : values.join(' → ')
