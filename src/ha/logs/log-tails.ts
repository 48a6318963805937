/** The ends of the logs that show why a scenario failed: of the VMs that a fault hit, or that a reason names. */
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { lastLines } from '../../platform/failure.ts'
import type { LogTail } from '../record/record.ts'

const lines = 25
const bytes = 6_000

export async function logTails(cluster: Cluster, concerned: (vm: string) => boolean): Promise<readonly LogTail[]> {
  const tails = await Promise.all(cluster.vms.filter(vm => concerned(vm.spec.name)).map(tailsOn))
  return tails.flat().filter(({ tail }) => tail !== '')
}

async function tailsOn({ spec, logs }: Vm): Promise<readonly LogTail[]> {
  const names = await logs.names()
  return Promise.all(
    names.map(async name => {
      const end = await logs.read(name, bytes)
      return { vm: spec.name, log: `${name}.log`, tail: lastLines(end, lines) }
    }),
  )
}
