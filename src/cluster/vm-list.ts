/** VM numbers as users write them: "193 194 195", "193,194,195", "193-195", "vm-193". */
import { usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

/** In the order given, which matters: the first load balancer owns the VIP. `setting` names the list in errors. */
export function parseVmList(text: string, setting: string): Result<readonly number[]> {
  const ids: number[] = []
  for (const item of text.split(/[\s,]+/).filter(Boolean)) {
    const match = /^(?:vm-)?(\d{1,3})(?:-(?:vm-)?(\d{1,3}))?$/.exec(item)
    if (!match)
      return fail(usage(`Cannot read ${setting} "${text}": "${item}" is neither a VM number nor a range`, hint))
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first) return fail(usage(`Cannot read ${setting} "${text}": the range "${item}" runs backwards`, hint))
    for (let id = first; id <= last; id++) {
      if (ids.includes(id)) return fail(usage(`Cannot use ${setting} "${text}": VM ${id} is named twice`))
      ids.push(id)
    }
  }
  return ok(ids)
}

const hint = { try: 'write numbers like "193 194 195", "193,194,195" or "193-195"' }

/** "vm-001" */
export const vmName = (id: number): string => `vm-${String(id).padStart(3, '0')}`
