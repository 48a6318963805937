/** Makes container images (docker archives) without a container tool, for clusters that reach no registry. */
import { digestOf } from '../platform/digest.ts'
import type { OverlayFile } from './overlay-file.ts'
import { makeTar } from './tar.ts'

export interface ImagePlan {
  /** "k8s-ha.local/pause:1" */
  readonly reference: string
  readonly entrypoint: readonly string[]
  readonly files: readonly OverlayFile[]
}

/** The archive's bytes; `ctr images import` and `docker load` read it. The same plan gives the same bytes. */
export async function makeImage({ reference, entrypoint, files }: ImagePlan): Promise<Uint8Array> {
  const layer = await makeTar(files)
  const config = JSON.stringify({
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: entrypoint, Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digestOf(layer)}`] },
  })
  const configName = `${digestOf(Buffer.from(config))}.json`
  const manifest = JSON.stringify([{ Config: configName, RepoTags: [reference], Layers: ['layer.tar'] }])
  const file = (path: string, content: string | Uint8Array): OverlayFile => ({ path, mode: 0o644, content })
  return makeTar([file(configName, config), file('layer.tar', layer), file('manifest.json', manifest)])
}

/** Node's names to those of container images. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** The images that a cluster needs, made of one static busybox. */
export function imagePlans(busybox: Uint8Array): readonly ImagePlan[] {
  const program: OverlayFile = { path: 'bin/busybox', mode: 0o755, content: busybox }
  return [
    // Holds a pod's namespaces; it is ended by SIGKILL, so it needs no handler of its own.
    { reference: 'k8s-ha.local/pause:1', entrypoint: ['/bin/busybox', 'sleep', 'infinity'], files: [program] },
    {
      reference: 'k8s-ha.local/test-app:1',
      entrypoint: ['/bin/busybox', 'sh', '-c', answerWithHostname],
      files: [program],
    },
  ]
}

/** The answer is made once: a program of its own for every request would cost more than all that is asked. */
const answerWithHostname =
  'b=/bin/busybox; $b mkdir /www && $b hostname >/www/index.html && exec $b httpd -f -p 8080 -h /www'

/** "k8s-ha.local/pause:1" → "pause": also the name of its archive in the overlay. */
export const imageName = (reference: string): string => reference.replace(/^.*\//, '').replace(/:.*$/, '')
