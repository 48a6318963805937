/** The ends of the logs that tell why a scenario failed: of the VMs that a fault hit, or that a reason names. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../../drivers/driver.ts'
import { lastLines } from '../../platform/failure.ts'
import type { LogTail } from '../record/record.ts'

const lines = 25
const bytes = 6_000

export const logTails = (cluster: Cluster, concerned: (vm: string) => boolean): readonly LogTail[] =>
  cluster.vms
    .filter(vm => concerned(vm.spec.name))
    .flatMap(vm => logNames(vm.logDir).map(log => ({ vm: vm.spec.name, log, tail: tailOf(join(vm.logDir, log)) })))
    .filter(({ tail }) => tail !== '')

function logNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.log'))
      .sort()
  } catch {
    return []
  }
}

function tailOf(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, bytes))
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    return lastLines(buffer.toString('utf8'), lines)
  } finally {
    closeSync(descriptor)
  }
}
