/** What the checks of the network see: the VIP and its owner, routes, neighbours, dead connections, silent VMs. */
import { hangs, isolates, looks, stops } from './observe.ts'
import type { World } from './world/world.ts'

looks('vip-held', 'holds when one load balancer has it', { holds: true, sees: /^vm-191 has 192\.168\.1\.200$/ })
looks('vip-held', 'holds when the next one has it', { when: stops(191), holds: true, sees: /^vm-192 has / })
looks('vip-held', 'does not hold when not the preferred one has it', {
  options: { preferred: true },
  when: (world: World) => world.vm(191).files.set('/run/keepalived.down', ''),
  holds: false,
  sees: /^vm-192 has /,
})
looks('vip-held', 'sees two owners that do not hear each other', {
  when: isolates(191),
  holds: false,
  sees: /^vm-191 has .*, vm-192 has /,
})
looks('vip-held', 'holds with as many owners as were said', {
  options: { owners: 2 },
  when: isolates(191),
  holds: true,
  sees: /^vm-191 has .*, vm-192 has /,
})
looks('vip-held', 'wants the VIPs of both families', {
  settings: { family: 'dual' },
  holds: true,
  sees: /^vm-191 has 192\.168\.1\.200 and fd00::/,
})
looks('vip-held', 'does not hold when the owner lacks the VIP of one family', {
  settings: { family: 'dual' },
  when: (world: World) =>
    world.driver.programs.set('ip', ({ vm }) => ({
      stdout: vm?.spec.id === 191 ? '[{"addr_info":[{"local":"192.168.1.200"}]}]' : '[]',
    })),
  holds: false,
  sees: /^vm-191 has 192\.168\.1\.200$/,
})
looks('vip-held', 'names those that it asked when nobody has it', {
  when: hangs('ip'),
  holds: false,
  sees: /^nobody of vm-191, vm-192$/,
})

looks('vip-routed', 'holds when every router knows every worker', { holds: true, sees: /^1 × 2 next hops$/ })
looks('vip-routed', 'holds where there are no routers', {
  settings: { nrouters: 0 },
  holds: true,
  sees: /^the cluster has no routers$/,
})
looks('vip-routed', 'names the worker that a router does not know', {
  when: (world: World) => world.answer('ip', { stdout: 'nexthop via 192.168.1.3 dev eth1' }),
  holds: false,
  sees: /^vm-201 has no route to 10\.0\.0\.0\/24 via vm-004$/,
})
looks('vip-routed', 'does not hold while a router is stopped', {
  when: stops(201),
  holds: false,
  sees: /^only 0 of 1 routers run$/,
})

looks('neighbours-follow', 'holds when all have the owner’s MAC address', {
  holds: true,
  sees: /^vm-191 has 00:00:00:01:01:bf, 5 of 5 entries say so$/,
})
looks('neighbours-follow', 'names who has another one', {
  when: (world: World) =>
    world.driver.programs.set('ip', ({ vm, argv }) =>
      argv.includes('address')
        ? { stdout: vm?.spec.id === 191 ? '[{"local":"192.168.1.200"}]' : '[]' }
        : { stdout: `[{"dst":"192.168.1.200","lladdr":"${vm ? '00:00:00:01:01:bf' : '00:00:00:01:01:c0'}"}]` },
    ),
  holds: false,
  sees: /4 of 5 entries say so, client: 192\.168\.1\.200 is 00:00:00:01:01:c0$/,
})
looks('neighbours-follow', 'does not hold when clients have no entry', {
  when(world: World) {
    const ip = world.driver.programs.get('ip')
    world.driver.programs.set('ip', call => (call.vm ? (ip?.(call) ?? {}) : { stdout: '[]' }))
  },
  holds: false,
  sees: /^vm-191 has 00:00:00:01:01:bf, 4 of 4 entries say so, clients have no entry$/,
})
looks('neighbours-follow', 'does not hold with two owners', {
  when: isolates(191),
  holds: false,
  sees: /^2 load balancers have the VIP$/,
})
looks('neighbours-follow', 'does not hold when nobody answers', {
  when: hangs('ip'),
  holds: false,
  sees: /^0 load balancers have the VIP$/,
})

looks('no-dead-sessions', 'holds when all apiservers are up', {
  holds: true,
  sees: /^vm-191: all servers are up; vm-192: all servers are up$/,
})
looks('no-dead-sessions', 'holds when the one that is away has no connections', {
  when: stops(1),
  holds: true,
  sees: /^vm-191: 0 connections to vm-001, which is down; /,
})
looks('no-dead-sessions', 'does not hold while a dead one has connections', {
  when: async (world: World) => {
    await world.vm(1).stop()
    world.answer('socat', { stdout: '# pxname,svname,scur,status\napiservers,vm-001,2,DOWN\n' })
  },
  holds: false,
  sees: /^vm-191: 2 connections to vm-001, which is down/,
})
looks('no-dead-sessions', 'does not hold when one that runs is taken for dead', {
  when: (world: World) => world.answer('socat', { stdout: '# pxname,svname,scur,status\napiservers,vm-001,0,DOWN\n' }),
  holds: false,
  sees: /vm-001, which is down/,
})
const haproxySays = (status: string) => (world: World) =>
  world.answer('socat', {
    stdout: `# pxname,svname,scur,status\napiservers,vm-001,2,${status}\napiservers,vm-002,2,UP\n`,
  })
looks('apiservers-balanced', 'holds when every apiserver is up', {
  holds: true,
  sees: /^vm-191: all are up; vm-192: all are up$/,
})
for (const status of ['NOLB', 'DOWN 1/1', 'DOWN'])
  looks('apiservers-balanced', `does not hold while one gets no connections: ${status}`, {
    when: haproxySays(status),
    holds: false,
    sees: new RegExp(`^vm-191: vm-001 is ${status}; vm-192: vm-001 is ${status}$`),
  })
for (const [away, holds] of [
  [1, true],
  [2, false],
] as const)
  looks('apiservers-balanced', `may want ${away} without connections`, {
    when: haproxySays('DOWN'),
    options: { away },
    holds,
    sees: /^vm-191: vm-001 is DOWN; vm-192: vm-001 is DOWN$/,
  })
looks('apiservers-balanced', 'wants nothing of an apiserver that is away', {
  when: stops(1),
  holds: true,
  sees: /^vm-191: all are up; /,
})
looks('apiservers-balanced', 'says why a load balancer does not answer', {
  when: hangs('socat'),
  holds: false,
  sees: /^vm-191: .*still running after 5000 ms/,
})
looks('apiservers-balanced', 'does not hold without load balancers', {
  when: stops(191, 192),
  holds: false,
  sees: /^no load balancer is running$/,
})
looks('no-dead-sessions', 'says why a load balancer does not answer', {
  when: hangs('socat'),
  holds: false,
  sees: /^vm-191: .*still running after 5000 ms/,
})
looks('no-dead-sessions', 'does not hold without load balancers', {
  when: stops(191, 192),
  holds: false,
  sees: /^no load balancer is running$/,
})

looks('vms-answer', 'holds when each VM hears every other', { holds: true, sees: /^10 VMs, each to all 10 addresses$/ })
looks('vms-answer', 'asks the addresses of both families', {
  settings: { family: 'dual' },
  holds: true,
  sees: /each to all 20 addresses$/,
})
looks('vms-answer', 'names the silent ones, and who is cut off', {
  when: isolates(193),
  holds: false,
  sees: /vm-001: no answer from 192\.168\.1\.193.*vm-193: no answer from 192\.168\.1\.1, /,
})
looks('vms-answer', 'does not hold while a VM is stopped', {
  when: stops(3),
  holds: false,
  sees: /vm-003: .*still running after 15000 ms/,
})
