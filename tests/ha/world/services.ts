/** The programs of the overlay that faults use, in memory. */

import { serviceRanges } from '../../../src/cluster/networks.ts'
import { etcdClientUrls } from '../../../src/cluster/render/etcd.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import { answerMany } from './many-questions.ts'
import { monitorAddresses } from './network.ts'
import type { Parts, Programs } from './parts.ts'

/** As the overlay's supervisor logs it. */
export const end = (vm: FakeVm, service: string): void =>
  vm.logs.append(service, `supervise: ${service} ended with exit code 137\n`)

const marker = (vm: FakeVm, program: string): string => `/etc/k8s-ha/${vm.spec.name}/runs-other/${program}`
const firstVersion = ({ spec }: Parts, program: string): string =>
  program === 'etcd' ? '3.5.35' : (spec.kubernetes ?? '')

function versionOnDisk(world: Parts, vm: FakeVm, program: string): string {
  const { other } = world.spec
  const isOther = vm.files.has(marker(vm, program))
  return (isOther ? (program === 'etcd' ? other?.etcd : other?.kubernetes) : undefined) ?? firstVersion(world, program)
}

export const servicePrograms = (world: Parts): Programs => [
  [
    '/usr/lib/k8s-ha/service',
    ({ vm, argv: [, verb, name = ''] }) => {
      if (vm === undefined) throw new Error('services are on VMs')
      if (verb === 'kill' || verb === 'stop' || verb === 'restart') end(vm, name)
      if (verb === 'restart') vm.files.set(`/run/${name}.version`, versionOnDisk(world, vm, name))
      if (verb === 'stop') vm.files.set(`/run/${name}.down`, '')
      if (verb === 'start') vm.files.delete(`/run/${name}.down`)
      if (verb === 'freeze') vm.files.set(`/run/${name}.frozen`, '')
      if (verb === 'thaw') vm.files.delete(`/run/${name}.frozen`)
      if (verb === 'start-all')
        for (const file of [...vm.files.keys()]) if (/\.(down|frozen)$/.test(file)) vm.files.delete(file)
      return {}
    },
  ],
  [
    '/usr/lib/k8s-ha/versions',
    ({ vm, argv: [, verb, ...names] }) => {
      if (vm === undefined) throw new Error('programs are on VMs')
      const [name = ''] = names
      if (verb === 'to') for (const one of names) vm.files.set(marker(vm, one), '')
      if (verb === 'from') for (const one of names) vm.files.delete(marker(vm, one))
      if (verb !== 'running') return {}
      // A VM that booted anew runs what its disk says.
      const atBoot = vm.boots > 1 ? versionOnDisk(world, vm, name) : firstVersion(world, name)
      const product = name === 'etcd' ? 'etcd Version: ' : 'Kubernetes v'
      return { stdout: `${product}${vm.files.get(`/run/${name}.version`) ?? atBoot}\n` }
    },
  ],
  ['/usr/lib/k8s-ha/shutdown', () => ({})],
  [
    '/usr/lib/k8s-ha/etcd-alarm',
    ({ argv }) => {
      world.alarm = argv[1] === 'raise'
      return {}
    },
  ],
  [
    '/usr/lib/k8s-ha/etcd-disk',
    ({ vm, argv }) => {
      if (argv[1] === 'fill') vm?.files.set('/var/lib/etcd/filler', '')
      else vm?.files.delete('/var/lib/etcd/filler')
      return { stdout: '120\n' }
    },
  ],
  ['/usr/lib/k8s-ha/trust', () => ({})],
  // "sed -n /begin/,/end/p FILE"
  ['sed', ({ vm, argv }) => ({ stdout: vm?.read(argv[3] ?? '') ?? '' })],
  ['cat', ({ vm, argv }) => ({ stdout: vm?.read(argv[1] ?? '') ?? '' })],
  [
    'sh',
    call => {
      if (call.argv.join(' ').includes('curl --config -')) return answerMany(world, call.vm, call.input)
      if (call.argv.join(' ').includes('ip -o monitor address')) return monitorAddresses(world, call)
      if (call.argv.join(' ').includes('kube-apiserver.pid')) {
        const servers = call.vm?.files.get('/etcd-servers') ?? etcdClientUrls(world.spec).join(',')
        const range = call.vm?.files.get('/service-range') ?? serviceRanges(world.spec).join(',')
        return { stdout: `kube-apiserver\n--etcd-servers=${servers}\n--service-cluster-ip-range=${range}\n` }
      }
      return call.argv.join(' ').includes('keepalived --version') ? { stdout: 'Keepalived v2.2.7\n' } : {}
    },
  ],
]
