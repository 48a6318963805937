/** From a cluster as data to the files on its VMs' roots. The same data gives the same files, in the same order. */
import { failed, usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { type OverlayFile, plainMode, type TemplatedFile } from './overlay-file.ts'
import type { OverlaySources } from './read-overlay-folder.ts'
import { renderClients } from './render/clients.ts'
import type { ClusterData } from './render/cluster-data.ts'
import { renderControlPlane } from './render/control-plane.ts'
import { renderEtcd } from './render/etcd.ts'
import { renderLoadBalancer } from './render/load-balancer.ts'
import { renderNetwork } from './render/network.ts'
import { renderNode } from './render/node.ts'
import { startingOther } from './render/other-version.ts'
import { hasRole, type Role, type VmSpec } from './spec.ts'
import { fillTemplate } from './template.ts'

/** `more`: files that come from elsewhere, as the keepalived installation and container images. */
export function renderOverlay(
  data: ClusterData,
  sources: OverlaySources,
  more: readonly OverlayFile[],
): Result<readonly OverlayFile[]> {
  const files = new Map<string, OverlayFile>()
  const wanted = [...sources.files, ...more, ...renderClients(data), ...data.spec.vms.flatMap(vm => renderVm(data, vm))]
  for (const item of wanted) {
    const file = 'template' in item ? instantiate(item, sources) : ok(item)
    if (!file.ok) return file
    const other = files.get(file.value.path)
    // A VM with two roles may get the same file from both.
    if (other !== undefined && other.content !== file.value.content)
      return fail(failed(`Cannot make the overlay: two different files are both named "${file.value.path}"`))
    files.set(file.value.path, file.value)
  }
  return ok([...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)))
}

function renderVm(data: ClusterData, vm: VmSpec): (OverlayFile | TemplatedFile)[] {
  const has = (...wanted: readonly Role[]) => hasRole(vm, ...wanted)
  const kubernetes = data.spec.kubernetes !== undefined
  return [
    ...renderNetwork(data.spec, vm),
    ...startingOther(vm),
    ...(has('etcd') ? renderEtcd(data, vm) : []),
    ...(has('load-balancer') ? renderLoadBalancer(data, vm) : []),
    ...(kubernetes && has('control-plane') ? renderControlPlane(data, vm) : []),
    ...(kubernetes && has('control-plane', 'worker') ? renderNode(data, vm) : []),
  ]
}

function instantiate(item: TemplatedFile, sources: OverlaySources): Result<OverlayFile> {
  const name = `${sources.name}/${item.template}`
  const text = sources.templates.get(item.template)
  if (text === undefined) return fail(usage(`Cannot render "${item.path}": its template ${name} does not exist`))
  const content = fillTemplate(text, name, item.variables)
  return content.ok ? ok({ path: item.path, mode: plainMode, content: content.value }) : content
}
