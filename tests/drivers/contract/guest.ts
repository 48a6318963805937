/** What the VMs of the contract do for it: busybox, and files at three places. */
import assert from 'node:assert/strict'
import type { Output, Programs, Vm } from '../../../src/drivers/driver.ts'
import type { Result } from '../../../src/platform/result.ts'
import { unwrap } from '../../cluster-data/sample.ts'

export const etcdFolder = '/var/lib/etcd'

export const busybox = (...argv: readonly string[]) => ['busybox', ...argv]
export const printed = (stdout: string): Output => ({ exitCode: 0, stdout, stderr: '' })

export const run = async (on: Programs, ...argv: readonly string[]): Promise<Output> =>
  unwrap(await on.exec(busybox(...argv), { timeoutMs: 60_000 }))

export const kindOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.failure.kind)
export const messageOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.failure.message)

export const addressOf = (vm: Vm) => vm.spec.interfaces[1]?.addresses[0]?.replace(/\/.*/, '') ?? ''

export const answers = async (from: Programs, to: Vm): Promise<boolean> =>
  (await run(from, 'ping', '-c', '1', '-W', '1', addressOf(to))).exitCode === 0

/** How many frames more it got while the other one asked it something. */
export async function heardBy(vm: Vm, other: Vm): Promise<number> {
  const frames = async () => Number(await read(vm, '/sys/class/net/eth1/statistics/rx_packets'))
  const earlier = await frames()
  await run(other, 'ping', '-c', '3', '-i', '0.2', '-W', '1', addressOf(vm))
  return (await frames()) - earlier
}

export async function read(vm: Vm, file: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run(vm, 'cat', file)
  return exitCode === 0 ? stdout : undefined
}

export async function write(vm: Vm, file: string, input: string): Promise<void> {
  assert.equal(unwrap(await vm.exec(busybox('tee', file), { timeoutMs: 10_000, input })).exitCode, 0)
  await run(vm, 'sync')
}

export async function log(vm: Vm, line: string): Promise<void> {
  const argv = busybox('tee', '-a', '/var/log/contract.log')
  assert.equal(unwrap(await vm.exec(argv, { timeoutMs: 10_000, input: `${line}\n` })).exitCode, 0)
}

export const places = { disk: `${etcdFolder}/note`, root: '/root/note', memory: '/run/note' }

export async function writeAll(vm: Vm): Promise<void> {
  for (const file of Object.values(places)) await write(vm, file, 'kept')
}

export async function readAll(vm: Vm): Promise<Readonly<Record<string, string | undefined>>> {
  const entries = Object.entries(places).map(async ([name, file]) => [name, await read(vm, file)] as const)
  return Object.fromEntries(await Promise.all(entries))
}
