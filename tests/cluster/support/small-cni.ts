/**
 * A folder with the smallest CNI that has a part of every kind: a DaemonSet, from an image in an archive, installs a
 * configuration of ptp, by way of a program of its own, and routes to the other nodes.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { makeImage } from '../../../src/cluster/container-image.ts'
import type { Family } from '../../../src/cluster/spec.ts'

const reference = 'small-cni.test/small-cni:1'

/** Runs in a pod of each node, in the node's network. 10.244.N.0/24 and fd00:244:N::/64 are the pods of vm-00N. */
const install = `set -eu
b=/bin/busybox
n=\${NODE_NAME##*0}
$b grep -q '^bpf /host/bpf bpf ' /proc/mounts
ranges= routes=
for family in $FAMILIES; do
	case $family in
	IPv4) subnet=10.244.$n.0/24 any=0.0.0.0/0 ;;
	IPv6) subnet=fd00:244:$n::/64 any=::/0 ;;
	esac
	ranges="$ranges\${ranges:+,}[{\\"subnet\\":\\"$subnet\\"}]"
	routes="$routes\${routes:+,}{\\"dst\\":\\"$any\\"}"
	for other in 1 2 3 4 5; do
		case $other/$family in
		$n/*) ;;
		*/IPv4) $b ip route replace 10.244.$other.0/24 via 192.168.1.$other dev eth1 ;;
		*/IPv6) $b ip -6 route replace fd00:244:$other::/64 via fd00::192.168.1.$other dev eth1 ;;
		esac
	done
done
ipam="{\\"type\\":\\"host-local\\",\\"dataDir\\":\\"/run/small-cni\\",\\"ranges\\":[$ranges],\\"routes\\":[$routes]}"
plugin="{\\"type\\":\\"small-ptp\\",\\"ipMasq\\":true,\\"ipam\\":$ipam}"
echo "{\\"cniVersion\\":\\"0.4.0\\",\\"name\\":\\"small\\",\\"plugins\\":[$plugin]}" >/host/cni/.new
$b mv /host/cni/.new /host/cni/10-small.conflist
exec $b sleep infinity
`

const daemonSet = (families: readonly string[]) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'small-cni', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { app: 'small-cni' } },
    template: {
      metadata: { labels: { app: 'small-cni' } },
      spec: {
        hostNetwork: true,
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: 'Exists' }],
        containers: [
          {
            name: 'small-cni',
            image: reference,
            securityContext: { privileged: true },
            env: [
              { name: 'FAMILIES', value: families.join(' ') },
              { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ],
            volumeMounts: [
              { name: 'cni', mountPath: '/host/cni' },
              { name: 'bpf', mountPath: '/host/bpf' },
            ],
          },
        ],
        volumes: [
          { name: 'cni', hostPath: { path: '/etc/cni/net.d' } },
          { name: 'bpf', hostPath: { path: '/sys/fs/bpf' } },
        ],
      },
    },
  },
})

/** `images`: the folder that make-images made, in which there is a busybox. */
export async function makeSmallCni(folder: string, images: string, family: Family): Promise<void> {
  for (const part of ['manifests', 'bin', 'images']) mkdirSync(join(folder, part), { recursive: true })
  const busybox = await fileIn(await fileIn(readFileSync(join(images, 'pause.tar')), 'layer.tar'), 'bin/busybox')
  const files = [
    { path: 'bin/busybox', mode: 0o755, content: busybox },
    { path: 'install', mode: 0o644, content: install },
  ]
  const plan = { reference, entrypoint: ['/bin/busybox', 'sh', '/install'], files }
  writeFileSync(join(folder, 'images/small-cni.tar'), await makeImage(plan))
  const families = family === 'dual' ? ['IPv4', 'IPv6'] : [family]
  writeFileSync(join(folder, 'manifests/small-cni.json'), JSON.stringify(daemonSet(families)))
  writeFileSync(join(folder, 'bin/small-ptp'), '#!/bin/sh\nexec /opt/cni/bin/ptp\n')
  chmodSync(join(folder, 'bin/small-ptp'), 0o755)
  writeFileSync(join(folder, 'cni.yaml'), 'mounts: [bpf]\nmodules: [bridge]\n')
}

async function fileIn(archive: Uint8Array, name: string): Promise<Buffer> {
  for await (const entry of Readable.from([archive]).pipe(extract()))
    if (entry.header.name === name) return await buffer(entry)
    else entry.resume()
  throw new Error(`the archive has no ${name}`)
}
