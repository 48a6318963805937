/** etcd in memory: members that serve while they reach more than half of all. */
import { url } from '../../../src/cluster/address.ts'
import { etcdPorts } from '../../../src/cluster/render/etcd.ts'
import { addressOf } from '../../../src/cluster/spec.ts'
import type { Output } from '../../../src/drivers/driver.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import { type Parts, type Programs, reaches, runs } from './parts.ts'

export const revision = 500

export function serves(world: Parts, member: FakeVm): boolean {
  const members = world.withRole('etcd').filter(vm => runs(vm, 'etcd'))
  const heard = members.filter(other => reaches(member, other))
  return runs(member, 'etcd') && heard.length > world.withRole('etcd').length / 2
}

/** The last of those that serve: an order in which no test finds it by chance. */
export const leaderOf = (world: Parts): FakeVm | undefined =>
  world.withRole('etcd').findLast(member => serves(world, member))

/** A member's number is wider than a JavaScript number. */
const memberId = (vm: FakeVm): string => `102766577439329754${vm.spec.id}`

export function etcdPrograms(world: Parts): Programs {
  const urlOf = (vm: FakeVm) => url('https', addressOf(vm.spec, world.spec.etcdFamily), etcdPorts.client)
  const asked = (argv: readonly string[]) => {
    const [endpoint] = argv.flatMap(arg => (arg.startsWith('--endpoints=') ? [arg.slice('--endpoints='.length)] : []))
    return world.withRole('etcd').filter(vm => endpoint === undefined || urlOf(vm) === endpoint)
  }
  const answering = (vm: FakeVm | undefined, argv: readonly string[]) =>
    asked(argv).filter(member => runs(member, 'etcd') && reaches(vm, member))

  const health = (vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> => {
    const lines = asked(argv).map(member => {
      const isHealthy = reaches(vm, member) && serves(world, member)
      const what = { endpoint: urlOf(member), health: isHealthy, took: isHealthy ? '2.345678ms' : '1.0012s' }
      return isHealthy ? what : { ...what, error: 'context deadline exceeded' }
    })
    return {
      stdout: JSON.stringify(lines),
      exitCode: lines.every(one => one.health) ? 0 : 1,
      stderr: 'unhealthy cluster\n',
    }
  }
  const status = (vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> => {
    const leader = leaderOf(world)
    const lines = answering(vm, argv).map(member => {
      const known = leader && reaches(member, leader) ? memberId(leader) : 0
      const header = `{"member_id":${memberId(member)},"revision":${revision}}`
      return `{"Endpoint":"${urlOf(member)}","Status":{"header":${header},"leader":${known}}}`
    })
    return { stdout: `[${lines.join(',')}]` }
  }
  const hashes = (vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> => {
    const lines = answering(vm, argv).map(member => ({
      Endpoint: urlOf(member),
      HashKV: { hash: Number.parseInt(member.files.get('/hash') ?? 'abc', 16), compact_revision: 1 },
    }))
    return { stdout: JSON.stringify(lines) }
  }
  const members = (): Partial<Output> => {
    const of = (member: FakeVm) => ({
      name: member.spec.name,
      peerURLs: [urlOf(member).replace(`:${etcdPorts.client}`, `:${etcdPorts.peer}`)],
      clientURLs: [member.files.get('/advertised') ?? urlOf(member)],
      ...(member.files.has('/learner') ? { isLearner: true } : {}),
    })
    const listed = world.withRole('etcd').filter(member => !member.files.has('/removed'))
    return { stdout: JSON.stringify({ members: listed.map(of) }) }
  }
  const get = (vm: FakeVm | undefined, argv: readonly string[]): Partial<Output> => {
    const isOld = argv.includes('--consistency=s')
    const [member] = answering(vm, argv).filter(one => isOld || serves(world, one))
    if (member === undefined) return { exitCode: 1, stderr: 'Error: context deadline exceeded\n' }
    return { stdout: argv.includes('--keys-only') ? (member.files.get('/keys') ?? '') : '' }
  }
  return [
    [
      'etcdctl',
      ({ vm, argv }) => {
        if (argv.includes('health')) return health(vm, argv)
        if (argv.includes('status')) return status(vm, argv)
        if (argv.includes('list')) return members()
        if (argv.includes('hashkv')) return hashes(vm, argv)
        return argv.includes('get') ? get(vm, argv) : { exitCode: 128, stderr: 'unknown command\n' }
      },
    ],
    ['etcd', () => ({ stdout: 'etcd Version: 3.4.23\n' })],
  ]
}
