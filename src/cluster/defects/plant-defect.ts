/** Plants a defect in a rendered overlay. For testing the tests: what a suite is worth shows in what it rejects. */
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { OverlayFile } from '../overlay-file.ts'
import type { ClusterSpec } from '../spec.ts'
import { controlPlaneDefects } from './control-plane-defects.ts'
import type { Defect } from './defect.ts'
import { etcdDefects } from './etcd-defects.ts'
import { interchangeDefects } from './interchange-defects.ts'
import { haproxyDefects, keepalivedDefects } from './load-balancer-defects.ts'
import { PatchedOverlay } from './patched-overlay.ts'

export const defects: readonly Defect[] = [
  ...haproxyDefects,
  ...keepalivedDefects,
  ...etcdDefects,
  ...controlPlaneDefects,
  ...interchangeDefects,
]

export const defectNames: readonly string[] = defects.map(({ name }) => name)

/** A failure when the defect changes less than it says: the cluster is too small for it, or a template has changed. */
export function plantDefect(
  name: string,
  files: readonly OverlayFile[],
  spec: ClusterSpec,
): Result<readonly OverlayFile[]> {
  const defect = defects.find(one => one.name === name)
  if (defect === undefined) throw new Error(`no defect ${name}`)
  const overlay = new PatchedOverlay(files, spec)
  defect.plant(overlay)
  if (overlay.problems.length === 0) return ok(overlay.files)
  return fail(failed(`Cannot plant the defect "${name}"`, { last: overlay.problems.join('\n') }))
}
