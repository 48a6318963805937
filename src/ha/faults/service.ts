/** Faults of one service on a VM; the overlay's supervisor restarts it unless it is held down. */
import * as v from 'valibot'
import type { Role } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { defineFault, type FaultContext } from './fault.ts'

/** By the name under which the overlay supervises it: the roles of the VMs that run it. */
export const services = {
  etcd: ['etcd'],
  haproxy: ['load-balancer'],
  keepalived: ['load-balancer'],
  'kube-apiserver': ['control-plane'],
  'kube-controller-manager': ['control-plane'],
  'kube-scheduler': ['control-plane'],
  containerd: ['control-plane', 'worker'],
  kubelet: ['control-plane', 'worker'],
  'kube-proxy': ['control-plane', 'worker'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type Service = keyof typeof services
const names = Object.keys(services) as [Service, ...Service[]]

const service = v.picklist(names, issue => `there is no service ${issue.received}: ${names.join(', ')}`)
const schema = v.strictObject({ service })

/** Why VMs of these roles do not have the service; none are given when the VM is not known yet. */
export const misplaced = (name: Service, roles: readonly Role[]): string | undefined =>
  roles.length === 0 || roles.some(role => (services[name] as readonly Role[]).includes(role))
    ? undefined
    : `there is no ${name} on such a VM: it runs on VMs with the role ${services[name].join(' or ')}`

async function control(vm: Vm, argv: readonly string[], { signal }: FaultContext): Promise<Result<string>> {
  const answer = await runOn(vm, ['/usr/lib/k8s-ha/service', ...argv], { timeoutMs: 10_000, signal })
  if (answer.ok) return ok(argv.slice(1).join(', '))
  return fail(failed(`Cannot ${argv.join(' ')} on "${vm.spec.name}"`, { last: answer.reason }))
}

export const kill = defineFault({
  verb: 'kill',
  what: 'kills a `service` with `signal` KILL (default) or TERM; its supervisor starts it again',
  schema: v.strictObject({ service, signal: v.optional(v.picklist(['KILL', 'TERM']), 'KILL') }),
  effect: 'momentary',
  problem: (options, roles) => misplaced(options.service, roles),
  inject: (vm, { service: name, signal }, context) => control(vm, ['kill', name, signal], context),
})

export const stopService = defineFault({
  verb: 'stop-service',
  what: 'ends a `service` with `signal` TERM (default) or KILL, and holds it down',
  schema: v.strictObject({ service, signal: v.optional(v.picklist(['KILL', 'TERM']), 'TERM') }),
  effect: 'began',
  problem: (options, roles) => misplaced(options.service, roles),
  inject: (vm, { service: name, signal }, context) => control(vm, ['stop', name, signal], context),
})

export const startService = defineFault({
  verb: 'start-service',
  what: 'lets a `service` start again',
  schema,
  effect: 'undoes',
  ends: ['stop-service'],
  problem: (options, roles) => misplaced(options.service, roles),
  inject: (vm, { service: name }, context) => control(vm, ['start', name], context),
})

export const freeze = defineFault({
  verb: 'freeze',
  what: 'lets the processes of a `service` stand still; its sockets stay open, and the VM answers for them',
  schema,
  effect: 'began',
  problem: (options, roles) => misplaced(options.service, roles),
  inject: (vm, { service: name }, context) => control(vm, ['freeze', name], context),
})

export const thaw = defineFault({
  verb: 'thaw',
  what: 'lets a frozen `service` go on',
  schema,
  effect: 'undoes',
  ends: ['freeze'],
  problem: (options, roles) => misplaced(options.service, roles),
  inject: (vm, { service: name }, context) => control(vm, ['thaw', name], context),
})

/** Faults of services that last until something undoes them. */
export const lastingServiceFaults: readonly string[] = [stopService.verb, freeze.verb]

/** Every service of the VM may run again, and goes on. */
export const startServices = (vm: Vm, context: FaultContext): Promise<Result<string>> =>
  control(vm, ['start-all'], context)
