/** What the checks of etcd and of clients see: where all is well, where something is not, and where nobody answers. */
import { hangs, isolates, looks, stops } from './observe.ts'

looks('etcd-healthy', 'holds when every member answers', {
  holds: true,
  sees: /^3 of 3 healthy \(vm-193 2\.3ms, vm-194 2\.3ms, vm-195 2\.3ms\)$/,
})
looks('etcd-healthy', 'names the member that is stopped', {
  when: stops(193),
  holds: false,
  sees: /^2 of 3 healthy \(vm-193 context deadline exceeded, vm-194 /,
})
looks('etcd-healthy', 'asks another member when the first one is cut off', {
  when: isolates(193),
  holds: false,
  sees: /^2 of 3 healthy/,
})
looks('etcd-healthy', 'holds when as many are away as were said', {
  options: { away: 1 },
  when: stops(194),
  holds: true,
  sees: /^2 of 3 healthy/,
})
looks('etcd-healthy', 'does not hold when fewer are away than were said', {
  options: { away: 1 },
  holds: false,
  sees: /^3 of 3 healthy/,
})
looks('etcd-healthy', 'does not hold without a quorum', {
  when: stops(193, 194),
  holds: false,
  sees: /^0 of 3 healthy/,
})
looks('etcd-healthy', 'says when no etcd VM runs', {
  when: stops(193, 194, 195),
  holds: false,
  sees: /^no etcd VM is running$/,
})
looks('etcd-healthy', 'says where nobody answered', {
  when: hangs('etcdctl'),
  holds: false,
  sees: /^asked on vm-195: .*still running after 5000 ms/,
})

looks('only-old-reads', 'does not hold while there is a quorum', {
  holds: false,
  sees: /vm-193: serializable answered, linearizable answered/,
})
looks('only-old-reads', 'holds when the one that runs has no quorum', {
  when: stops(193, 194),
  holds: true,
  sees: /^vm-195: serializable answered, linearizable not answered$/,
})
looks('only-old-reads', 'does not hold where not even old reads are answered', {
  when: hangs('etcdctl'),
  holds: false,
  sees: /vm-193: serializable not answered/,
})
looks('only-old-reads', 'says when no etcd VM runs', {
  when: stops(193, 194, 195),
  holds: false,
  sees: /^no etcd VM is running$/,
})

looks('nothing-acknowledged', 'holds when clients try in vain', {
  writes: () => ({ tried: 90, acknowledged: 0 }),
  holds: true,
  sees: /^0 of 90 writes acknowledged in 5 s$/,
})
looks('nothing-acknowledged', 'does not hold when one write is acknowledged', {
  options: { for: 2 },
  writes: () => ({ tried: 40, acknowledged: 1 }),
  holds: false,
  sees: /^1 of 40 writes acknowledged in 2 s$/,
})
looks('nothing-acknowledged', 'does not hold when nobody tries', {
  writes: () => ({ tried: 0, acknowledged: 0 }),
  holds: false,
  sees: /^0 of 0 writes/,
})
looks('nothing-acknowledged', 'does not hold without a probe that writes', {
  holds: false,
  sees: /^no probe writes, so nothing shows$/,
})

looks('writes-acknowledged', 'holds as soon as one is', {
  writes: () => ({ tried: 6, acknowledged: 1 }),
  holds: true,
  sees: /^1 of 6 writes acknowledged in 0\.3 s$/,
})
looks('writes-acknowledged', 'does not hold while none is', {
  writes: () => ({ tried: 6, acknowledged: 0 }),
  holds: false,
  sees: /^0 of 6 writes/,
})
looks('writes-acknowledged', 'does not hold without a probe that writes', {
  holds: false,
  sees: /^no probe writes, so nothing shows$/,
})
