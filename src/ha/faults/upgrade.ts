/**
 * Gives a VM the programs of another version, which lie on it already: each service ends in order and starts again as
 * the other version, or the whole VM is rebooted in order.
 */
import * as v from 'valibot'
import type { ClusterSpec, Role } from '../../cluster/spec.ts'
import type { Vm } from '../../drivers/driver.ts'
import { failed } from '../../platform/failure.ts'
import { poll } from '../../platform/poll.ts'
import { done, fail, ok, type Result } from '../../platform/result.ts'
import { runOn } from '../ask/run-on.ts'
import { defineFault } from './fault.ts'
import { misplaced, type Service, services } from './service.ts'

/** In the order in which they are upgraded. */
const products = {
  kubernetes: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'],
  etcd: ['etcd'],
} as const satisfies Readonly<Record<string, readonly Service[]>>
type Product = keyof typeof products

/** What people run on a VM and is no service: of the same version as the service beside it. */
const besides: Readonly<Partial<Record<Service, string>>> = { etcd: 'etcdctl', kubelet: 'kubectl' }

const upgradable = Object.values(products).flat()
const version = v.pipe(v.union([v.string(), v.number()]), v.transform(String))
const schema = v.pipe(
  v.strictObject({
    kubernetes: v.optional(version),
    etcd: v.optional(version),
    programs: v.optional(
      v.array(v.picklist(upgradable, issue => `there is no program ${issue.received}: ${upgradable.join(', ')}`)),
    ),
    by: v.optional(v.picklist(['restart', 'reboot']), 'restart'),
  }),
  v.check(
    ({ kubernetes, etcd }) => (kubernetes === undefined) !== (etcd === undefined),
    'name the version of either "kubernetes" or "etcd"',
  ),
)
type Options = v.InferOutput<typeof schema>

interface Meaning {
  readonly product: Product
  /** What /usr/lib/k8s-ha/versions calls it: the version with which the VM was made, or the other one. */
  readonly verb: 'from' | 'to'
  /** Undefined where it is not known beforehand. */
  readonly version: string | undefined
}

/** In words, what is wrong with the version. */
function meaningOf({ kubernetes, etcd }: Options, spec: ClusterSpec): Meaning | string {
  const product: Product = kubernetes === undefined ? 'etcd' : 'kubernetes'
  const word = kubernetes ?? etcd ?? ''
  const first = product === 'kubernetes' ? spec.kubernetes : undefined
  const other = spec.other?.[product]
  if (word === 'from' || word === first) return { product, verb: 'from', version: first }
  const name = { kubernetes: 'Kubernetes', etcd: 'etcd' }[product]
  if (other === undefined) return `the cluster has one version of ${name} only: see docs/scenarios.md, "Upgrades"`
  if (word === 'to' || word === other) return { product, verb: 'to', version: other }
  const known = first === undefined ? other : `${first} and ${other}`
  return `the cluster has no ${name} ${word}, only ${known} ("from" and "to")`
}

const programsFor = (product: Product, { programs }: Options, roles: readonly Role[]): readonly Service[] =>
  products[product].filter(program => (programs?.includes(program) ?? true) && misplaced(program, roles) === undefined)

function problem(options: Options, roles: readonly Role[], spec: ClusterSpec): string | undefined {
  const meaning = meaningOf(options, spec)
  if (typeof meaning === 'string') return meaning
  const { product } = meaning
  const foreign = options.programs?.find(program => !products[product].some(one => one === program))
  if (foreign !== undefined) return `${foreign} is not a part of ${product}`
  if (roles.length === 0 || programsFor(product, options, roles).length > 0) return undefined
  const where = [...new Set((options.programs ?? products[product]).flatMap(program => services[program]))]
  return `there is none of ${options.programs?.join(', ') ?? product} on such a VM: it runs on VMs with the role ${where.join(' or ')}`
}

/** An apiserver ends after a minute at most, and another minute is for its start on a slow machine. */
const restartWithinMs = 200_000
const startsWithinMs = 60_000
const againMs = 300

export const upgrade = defineFault<Options>({
  verb: 'upgrade',
  what: 'gives the VM the programs of another version of `kubernetes` or `etcd`: all, or those of `programs`; `by` restart (default) or reboot',
  schema,
  effect: 'momentary',
  problem,

  async inject(vm, options, { cluster, signal }) {
    const meaning = meaningOf(options, cluster.spec)
    if (typeof meaning === 'string') return fail(failed(`Cannot upgrade "${vm.spec.name}": ${meaning}`))
    const { product, verb, version: wanted } = meaning
    const programs = programsFor(product, options, vm.spec.roles)
    const all = programs.flatMap(program => [program, besides[program] ?? []].flat())
    const chosen = await control(vm, ['versions', verb, ...all], signal)
    if (!chosen.ok) return chosen
    const started = options.by === 'reboot' ? await reboot(vm, signal) : await restart(vm, programs, signal)
    if (!started.ok) return started
    const versions = new Set<string>()
    for (const program of programs) {
      const running = await runningVersion(vm, program, { signal, wanted })
      if (!running.ok) return running
      versions.add(running.value)
    }
    const how = options.by === 'reboot' ? ', rebooted' : ''
    return ok(`${programs.join(', ')} ${[...versions].join(', ')}${how}`)
  },
})

async function restart(vm: Vm, programs: readonly Service[], signal: AbortSignal): Promise<Result<unknown>> {
  for (const program of programs) {
    const restarted = await control(vm, ['service', 'restart', program], signal)
    if (!restarted.ok) return restarted
  }
  return done
}

async function reboot(vm: Vm, signal: AbortSignal): Promise<Result<unknown>> {
  const ended = await control(vm, ['shutdown'], signal)
  return ended.ok ? vm.reset() : ended
}

async function control(vm: Vm, [script = '', ...args]: readonly string[], signal: AbortSignal) {
  const answer = await runOn(vm, [`/usr/lib/k8s-ha/${script}`, ...args], { timeoutMs: restartWithinMs, signal })
  if (answer.ok) return ok(answer.stdout)
  return fail(failed(`Cannot upgrade "${vm.spec.name}" (${[script, ...args].join(' ')})`, { last: answer.reason }))
}

const versionPattern = /\d+\.\d+\.\d+\S*/

interface Running {
  readonly signal: AbortSignal
  readonly wanted: string | undefined
}

/** Says so when another version runs than the one that was wanted. */
async function runningVersion(vm: Vm, program: Service, { signal, wanted }: Running): Promise<Result<string>> {
  const ask = () => runOn(vm, ['/usr/lib/k8s-ha/versions', 'running', program], { timeoutMs: 10_000, signal })
  const answer = await poll(ask, one => one.ok, { everyMs: againMs, withinMs: startsWithinMs * vm.patience, signal })
  const what = `Cannot upgrade ${program} on "${vm.spec.name}"`
  if (!answer.ok) return fail(failed(`${what}: it does not start`, { last: answer.reason }))
  const [running = 'of an unknown version'] = versionPattern.exec(answer.stdout) ?? []
  // Own programs may not say beforehand which version they are.
  if (wanted === undefined || !versionPattern.test(wanted) || running === wanted) return ok(running)
  return fail(failed(`${what}: version ${running} runs, not ${wanted}`))
}
