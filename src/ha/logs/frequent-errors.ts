/** What services logged as errors again and again meanwhile: often the cause of what clients saw. */
import type { Cluster, Vm } from '../../drivers/driver.ts'
import { errorsIn } from './logged-errors.ts'

/** That somebody else did not answer, or did not wait for the answer: what a fault elsewhere leads to. */
const consequence = new RegExp(
  [
    'context canceled|deadline exceeded|connection re(fused|set)|no route to host|\\bEOF\\b|request canceled',
    // "i/o timeout", "Handler timeout", "Post-timeout activity", "timed out waiting"
    'time-?out|timed out|exceeded maximum attempts|exceeds retry count',
    // A kubelet that has not reached the API.
    'not registered yet|nodes? "[^"]*" not found',
  ].join('|'),
  'i',
)

/** Enough for what a service logs in some minutes. */
const bytes = 400_000
/** Fewer may be the consequence of a fault that others noticed. */
const leastTimes = 10
const most = 3
const longest = 240

interface Since {
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  /** VMs that no fault hit: on the others errors are to be expected. */
  readonly concerned: (vm: string) => boolean
}

/** "vm-002 kube-apiserver, 111 times: unable to transform key …", the most frequent first. */
export async function frequentErrors(cluster: Cluster, { sinceMs, concerned }: Since): Promise<readonly string[]> {
  const found = await Promise.all(cluster.vms.filter(vm => concerned(vm.spec.name)).map(vm => errorsOn(vm, sinceMs)))
  return found
    .flat()
    .filter(({ times }) => times >= leastTimes)
    .toSorted((a, b) => b.times - a.times)
    .slice(0, most)
    .map(({ where, times, text }) => `${where}, ${times} times: ${text}`)
}

interface Frequent {
  readonly where: string
  readonly times: number
  readonly text: string
}

async function errorsOn({ spec, logs }: Vm, sinceMs: number): Promise<readonly Frequent[]> {
  const perLog = await Promise.all(
    (await logs.names()).map(async name => {
      const errors = errorsIn(await logs.read(name, bytes), sinceMs)
      const groups = Map.groupBy(
        errors.filter(({ at, text }) => at >= sinceMs && !consequence.test(text)),
        ({ text }) => alike(text),
      )
      return [...groups.values()].map(group => {
        return { where: `${spec.name} ${name}`, times: group.length, text: shortened(group[0]?.text ?? '') }
      })
    }),
  )
  return perLog.flat()
}

/** Errors that differ in numbers and in what they name are the same one. */
const alike = (text: string): string => text.replaceAll(/"[^"]*"/g, '""').replaceAll(/[\da-f]*\d[\da-f]*/g, '0')

const shortened = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`)
