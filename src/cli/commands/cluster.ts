/** `k8s-ha cluster`: looks after running clusters. */
import { join } from 'node:path'
import { describeSpec } from '../../cluster/describe-spec.ts'
import { type Logs, secretPath, type Vm } from '../../drivers/driver.ts'
import { clientKeys } from '../../ha/ask/client-keys.ts'
import { kubectlVm } from '../../ha/ask/select-vms.ts'
import { failed, usage } from '../../platform/failure.ts'
import { runInForeground } from '../../platform/processes/foreground.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { ArgumentSpec, CommandSpec, Invocation } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import {
  chooseCluster,
  clusterOption,
  findNamed,
  findVm,
  openCluster,
  openClusters,
  pickName,
  plantedDefect,
} from '../open-clusters.ts'
import { projectOptions } from '../project-options.ts'

const options = [...projectOptions, clusterOption]
const vmArgument: ArgumentSpec = { name: '<vm>', description: 'its number or its name: 193, vm-193', completes: 'vm' }

export default {
  commands: {
    ls: { summary: 'list the clusters of this project', options: projectOptions, run: list },
    status: { summary: 'show the VMs of a cluster', options, run: status },
    down: {
      summary: 'remove a cluster, or all of this project, running or half made',
      options: [
        ...options,
        { flags: '--all', description: 'every cluster of this project, and those whose project is gone' },
        { flags: '--force', description: 'also while a run uses it' },
      ],
      run: down,
    },
    logs: {
      summary: 'list the logs of a VM, or print one',
      arguments: [vmArgument, { name: '[name]', description: 'etcd, haproxy, kube-apiserver …' }],
      options: [...options, { flags: '-f, --follow', description: 'go on with what is added' }],
      run: logs,
    },
    exec: {
      summary: 'run a program on a VM',
      arguments: [vmArgument, { name: '<command...>', description: 'the program and its arguments' }],
      options,
      passThrough: true,
      run: invocation => onVm(invocation, ([, ...command]) => (command[0] === '--' ? command.slice(1) : command)),
    },
    shell: {
      summary: 'open a shell on a VM',
      arguments: [vmArgument],
      options,
      // The VM has terminals of its own; the caller's is not one of them.
      run: invocation => onVm(invocation, () => ['script', '--quiet', '--return', '--command', 'bash -l', '/dev/null']),
    },
    kubectl: {
      summary: 'run kubectl on a worker, by way of the VIP',
      arguments: [{ name: '<arguments...>', description: "kubectl's own" }],
      options,
      passThrough: true,
      run: kubectl,
    },
  },
} satisfies CommandSpec

async function list(invocation: Invocation): Promise<Result<number>> {
  const clusters = await openClusters(invocation)
  if (!clusters.ok) return clusters
  const { driver, folder, names } = clusters.value
  if (names.length === 0) invocation.console.err('no clusters\n')
  for (const name of names) {
    const cluster = await driver.find(join(folder, name))
    const about = cluster ? describeSpec(cluster.spec) : 'not running; ./k8s-ha cluster down --all removes it'
    const defect = plantedDefect(join(folder, name))
    const warning = defect === undefined ? '' : ` · DEFECT PLANTED: ${defect}`
    invocation.console.out(`${name.padEnd(16)} ${about}${warning}\n`)
  }
  return ok(0)
}

async function status(invocation: Invocation): Promise<Result<number>> {
  const cluster = await openCluster(invocation)
  if (!cluster.ok) return cluster
  for (const vm of cluster.value.vms) {
    const addresses = vm.spec.interfaces.flatMap(one => one.addresses).join(' ')
    const roles = vm.spec.roles.join(', ')
    invocation.console.out(`${vm.spec.name}  ${(await vm.state()).padEnd(8)} ${roles.padEnd(14)} ${addresses}\n`)
  }
  return ok(0)
}

async function down(invocation: Invocation): Promise<Result<number>> {
  const clusters = await openClusters(invocation)
  if (!clusters.ok) return clusters
  const { driver, folder, names } = clusters.value
  const all = invocation.options.flag('all')
  const one = all ? undefined : pickName(names, invocation.options.text('cluster'))
  if (one && !one.ok) return one
  for (const name of one ? [one.value] : names) {
    const user = driver.inUseBy(join(folder, name))
    if (user !== undefined && !invocation.options.flag('force'))
      return fail(
        failed(`Cannot remove cluster "${name}": the run of process ${user} uses it`, {
          try: 'end that run (Ctrl-C), or give --force',
        }),
      )
    const removed = await driver.remove(join(folder, name))
    if (!removed.ok) return removed
    invocation.console.out(`removed ${name}\n`)
  }
  if (!all) return ok(0)
  const swept = await driver.sweep(folder)
  if (!swept.ok) return swept
  for (const name of swept.value) invocation.console.out(`removed ${name}\n`)
  return ok(0)
}

async function logs(invocation: Invocation): Promise<Result<number>> {
  const cluster = await chooseCluster(invocation)
  if (!cluster.ok) return cluster
  const { driver, stateDir } = cluster.value
  const [text = '', name] = invocation.args
  const found = findNamed([...driver.logs(stateDir)], text, cluster.value.name)
  if (!found.ok) return found
  const [vm, vmLogs] = found.value
  const known = await vmLogs.names()
  const { console } = invocation
  if (name === undefined) {
    console.out(known.map(one => `${one}\n`).join(''))
    return ok(0)
  }
  if (!known.includes(name)) return fail(usage(`Cannot show log "${name}": ${vm} has ${known.join(', ') || 'none'}`))
  if (invocation.options.flag('follow')) return ok(await follow(vmLogs, name, invocation))
  console.out(await vmLogs.read(name))
  return ok(0)
}

/** Until Ctrl-C, or until nobody reads it any more. */
async function follow(vmLogs: Logs, name: string, { console, interruption }: Invocation): Promise<number> {
  const unread = new AbortController()
  const onText = (text: string) => {
    console.out(text)
    if (!console.isRead) unread.abort()
  }
  const { signal } = interruption()
  await vmLogs.follow(name, onText, AbortSignal.any([signal, unread.signal]))
  return exitCodes.interrupted
}

async function kubectl(invocation: Invocation): Promise<Result<number>> {
  const cluster = await openCluster(invocation)
  if (!cluster.ok) return cluster
  const vm = await kubectlVm(cluster.value)
  if (!vm.ok) return vm
  const keys = clientKeys(cluster.value)
  if (!keys.ok) return keys
  // In memory, and without a name as soon as kubectl runs: the VM has no administrator's keys of its own.
  const place = 'umask 077 && file=$(mktemp /dev/shm/kubeconfig.XXXXXX) && cat >"$file" && printf %s "$file"'
  const input = keys.value.kubeconfig ?? ''
  const placed = await vm.value.exec(['sh', '-c', place], { timeoutMs: 10_000, input })
  if (!placed.ok) return placed
  const run = 'exec 3<"$1" && rm -f "$1" && shift && exec env "KUBECONFIG=$0" kubectl "$@"'
  return inForeground(vm.value, ['sh', '-c', run, secretPath, placed.value.stdout, ...invocation.args], invocation)
}

async function onVm(
  invocation: Invocation,
  command: (args: readonly string[]) => readonly string[],
): Promise<Result<number>> {
  const vm = await argumentVm(invocation)
  return vm.ok ? inForeground(vm.value, command(invocation.args), invocation) : vm
}

async function argumentVm(invocation: Invocation): Promise<Result<Vm>> {
  const cluster = await openCluster(invocation)
  if (!cluster.ok) return cluster
  const [text] = invocation.args
  return text === undefined ? fail(usage('No VM given')) : findVm(cluster.value, text)
}

async function inForeground(vm: Vm, argv: readonly string[], { environment }: Invocation): Promise<Result<number>> {
  if ((await vm.state()) === 'stopped')
    return fail(
      failed(`Cannot run "${argv.join(' ')}" on "${vm.spec.name}": the VM is stopped`, {
        try: `./k8s-ha vm resume ${vm.spec.id}`,
      }),
    )
  const command = vm.commandLine(argv)
  if (!command.ok) return command
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    TERM: environment.TERM ?? 'dumb',
  }
  return ok(await runInForeground(command.value, env))
}
