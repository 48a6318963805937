/** Mappings of a workflow file, whose names may be any: valibot's own drops "constructor", "prototype" and "__proto__". */
import * as v from 'valibot'

/** As v.record; the result has no prototype, so that no name means anything. */
export function recordOf<Key extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
  message?: string,
) {
  const known = message === undefined ? v.record(key, value) : v.record(key, value, message)
  const wholeRun: (typeof known)['~run'] = (dataset, config) => {
    const input: unknown = dataset.value
    const dropped =
      typeof input === 'object' && input !== null ? unusual.filter(name => Object.hasOwn(input, name)) : []
    if (dropped.length === 0 || typeof input !== 'object' || input === null) return known['~run'](dataset, config)
    const renamed = Object.entries(input).map(([name, entry]) => [dropped.includes(name) ? standIn(name) : name, entry])
    const result = known['~run']({ ...dataset, value: Object.fromEntries(renamed) }, config)
    restoreNames(result, input)
    return result
  }
  return { ...known, '~run': wholeRun }
}

const unusual = ['__proto__', 'prototype', 'constructor']
/** As good a name by every rule that a schema has for names. */
const standIn = (name: string): string => `k8s_ha_stand_in_for_${name}`
const standIns = new Map(unusual.map(name => [standIn(name), name]))
const originalOf = (name: string): string => standIns.get(name) ?? name

interface Dataset {
  value?: unknown
  issues?: unknown
}

function restoreNames(dataset: Dataset, input: object): void {
  const { value, issues } = dataset
  if (typeof value === 'object' && value !== null)
    dataset.value = Object.fromEntries(Object.entries(value).map(([name, entry]) => [originalOf(name), entry]))
  if (!Array.isArray(issues)) return
  for (const { path } of issues)
    for (const item of path ?? []) {
      if (!standIns.has(item.key)) continue
      item.key = originalOf(item.key)
      item.input = input
    }
}
