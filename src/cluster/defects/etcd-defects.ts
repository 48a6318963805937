/** Mistakes in the configuration of etcd's members. */
import { managementAddress, url } from '../address.ts'
import { etcdPorts } from '../render/etcd.ts'
import { inVm } from '../render/vm-folder.ts'
import { withRole } from '../spec.ts'
import type { Defect } from './defect.ts'

const config = 'etcd.yaml'

export const etcdDefects: readonly Defect[] = [
  {
    name: 'etcd-on-tmpfs',
    mistake: "etcd's data lies in memory",
    caughtBy: { scenario: 'etcd-member-resets', reason: 'etcd-healthy' },
    plant: overlay => overlay.replaceIn(overlay.vms('etcd'), config, [/^data-dir: .*$/m, 'data-dir: /run/etcd-data']),
  },
  {
    name: 'etcd-slow-election',
    mistake: "etcd's members wait 10 s before they elect another leader",
    caughtBy: { scenario: 'etcd-member-killed', reason: 'writes' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('etcd'), config, [/^election-timeout: \d+$/m, 'election-timeout: 10000']),
  },
  {
    name: 'etcd-no-pre-vote',
    mistake: 'a member that was cut off unseats the leader when it comes back',
    caughtBy: { scenario: 'etcd-leader-isolated', reason: 'elections' },
    plant: overlay => overlay.replaceIn(overlay.vms('etcd'), config, [/^pre-vote: true$/m, 'pre-vote: false']),
  },
  {
    name: 'etcd-not-supervised',
    mistake: 'nothing starts etcd again when it ends',
    caughtBy: { scenario: 'etcd-member-killed', reason: 'etcd-healthy' },
    plant: overlay =>
      overlay.replace(
        'etc/init.d/20etcd.rc',
        /^supervise etcd (\S+)$/m,
        'setsid $1 </dev/null >/var/log/etcd.log 2>&1 &\necho $! >/run/etcd.pid',
      ),
  },
  {
    name: 'etcd-split',
    mistake: 'the last etcd member is a cluster of its own',
    caughtBy: { scenario: 'soak', reason: 'probes' },
    plant(overlay) {
      const members = overlay.vms('etcd')
      const last = members.slice(-1)
      if (members.length < 3) overlay.problems.push('the cluster has fewer than 3 etcd members')
      for (const { name } of last)
        overlay.replaceIn(last, config, [
          new RegExp(`^initial-cluster: .*(${name}=[^,\\n]*).*\\ninitial-cluster-token: .*$`, 'm'),
          'initial-cluster: $1\ninitial-cluster-token: another',
        ])
    },
  },
  {
    name: 'etcd-peer-without-address',
    mistake: 'peers know the last member by an address that its certificate does not name',
    caughtBy: { scenario: 'soak', reason: 'no-refused-certificates' },
    plant(overlay) {
      const members = overlay.vms('etcd')
      if (members.length < 2) overlay.problems.push('the cluster has fewer than 2 etcd members')
      for (const vm of members.slice(-1)) {
        const unnamed = url('https', managementAddress(vm.id), etcdPorts.peer)
        overlay.replaceIn(members, config, [
          new RegExp(`^(initial-cluster: .*${vm.name}=)[^,\\n]*`, 'm'),
          `$1${unnamed}`,
        ])
        overlay.replaceIn([vm], config, [/^((?:listen|initial-advertise)-peer-urls: ).*$/gm, `$1${unnamed}`])
      }
    },
  },
  {
    name: 'etcd-two-members',
    mistake: 'the last etcd VM is missing from the list of members, and so has no member',
    caughtBy: { scenario: 'soak', reason: 'probes' },
    plant(overlay) {
      for (const vm of overlay.vm('etcd', 3)) {
        overlay.remove([inVm(vm, config)])
        const others = withRole(overlay.spec, 'etcd').filter(({ id }) => id !== vm.id)
        overlay.replaceIn(others, config, [new RegExp(`(initial-cluster: .*),${vm.name}=[^,\\n]*`), '$1'])
      }
    },
  },
  {
    name: 'vm-forgotten',
    mistake: 'the overlay has nothing for one etcd VM, not even its addresses',
    caughtBy: { scenario: 'soak', reason: 'probes' },
    plant(overlay) {
      for (const vm of overlay.vm('etcd', 3)) overlay.remove(overlay.filesOf(vm, ''))
    },
  },
  {
    name: 'etcd-state-new',
    mistake: 'initial-cluster-state is "new" for good, so that a member cannot join a cluster that is there',
    caughtBy: { scenario: 'etcd-member-replaced', reason: 'replace-etcd-member' },
    plant: overlay =>
      overlay.replaceIn(overlay.vms('etcd'), config, [/^initial-cluster-state: .*$/m, 'initial-cluster-state: new']),
  },
]
