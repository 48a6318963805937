/** Clusters for the tests of this folder. */
import { fileURLToPath } from 'node:url'
import { buildSpec, type ClusterSettings } from '../../src/cluster/build-spec.ts'
import type { OverlayFile } from '../../src/cluster/overlay-file.ts'
import { issuePki } from '../../src/cluster/pki/issue-pki.ts'
import { readOverlayFolder } from '../../src/cluster/read-overlay-folder.ts'
import { renderOverlay } from '../../src/cluster/render-overlay.ts'
import type { ClusterSpec } from '../../src/cluster/spec.ts'
import { timersOf } from '../../src/cluster/timers.ts'
import { now } from '../../src/platform/clock.ts'
import type { Result } from '../../src/platform/result.ts'

export const projectDir = fileURLToPath(new URL('../..', import.meta.url))

export const settings: ClusterSettings = {
  family: 'IPv4',
  etcdFamily: '',
  topology: 'external',
  etcdVms: '193-195',
  lbVms: '191 192',
  masters: '1-2',
  nvm: 4,
  nrouters: 1,
  ntesters: 0,
  prefix: 'fd00::',
  domain: 'cluster.local',
  lastNode: 190,
  lbIp: '',
  k8sDisable: false,
  etcdDisk: 0,
  keepalived: true,
  kubernetes: '1.20.2',
  cni: 'bridge',
  kubeProxy: 'iptables',
  nodeApi: 'vip',
}

export const specWith = (changes: Partial<ClusterSettings> = {}): ClusterSpec =>
  unwrap(buildSpec({ ...settings, ...changes }))

export async function overlayOf(spec: ClusterSpec): Promise<ReadonlyMap<string, OverlayFile>> {
  const data = { spec, timers: timersOf('default', { preempt: true }), pki: await issuePki(spec, now()) }
  const files = unwrap(renderOverlay(data, await readOverlayFolder(`${projectDir}/overlay`, 'overlay'), []))
  return new Map(files.map(file => [file.path, file]))
}

export function textOf(files: ReadonlyMap<string, OverlayFile>, path: string): string {
  const file = files.get(path)
  if (file === undefined) throw new Error(`the overlay has no ${path}`)
  return Buffer.from(file.content).toString('utf8')
}

export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(result.failure.message)
}
