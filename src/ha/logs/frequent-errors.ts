/** What services logged as errors again and again while a scenario ran: often the cause of what clients saw. */
import type { Cluster, Vm } from '../../drivers/driver.ts'

/** That somebody else did not answer, or did not wait for the answer: what a fault elsewhere leads to. */
const consequence = /context canceled|deadline exceeded|connection re(fused|set)|i\/o timeout|no route to host|\bEOF\b/

/** Enough for what a service logs in some minutes. */
const bytes = 400_000
/** Fewer may be the consequence of a fault that others noticed. */
const leastTimes = 10
const most = 3
const longest = 240

interface LoggedError {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

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

/** "E0102 15:04:05.000000       1 cacher.go:419] …", as Kubernetes logs (klog), in UTC on VMs. */
const klog = /^[EF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.\d+ +\d+ \S+\] (.*)$/

function errorsIn(log: string, sinceMs: number): readonly LoggedError[] {
  return log.split('\n').flatMap((line): readonly LoggedError[] => {
    const [, month, day, hour, minute, second, text] = klog.exec(line) ?? []
    if (text === undefined) return ofEtcd(line)
    const at = (year: number) =>
      Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
    return [{ at: at(yearOf(at, sinceMs)), text }]
  })
}

const halfYearMs = 183 * 24 * 3_600_000

/** klog leaves it out, and nothing was logged in the future. */
function yearOf(at: (year: number) => number, sinceMs: number): number {
  const year = new Date(sinceMs).getUTCFullYear()
  return at(year) > sinceMs + halfYearMs ? year - 1 : year
}

/** `{"level":"error","ts":"2026-01-02T15:04:05.000Z","msg":"…","error":"…"}` */
function ofEtcd(line: string): readonly LoggedError[] {
  if (!/^\{"level":"(error|fatal|panic)"/.test(line)) return []
  try {
    const { ts, msg, error } = JSON.parse(line) as {
      readonly ts: string
      readonly msg: string
      readonly error?: string
    }
    return [{ at: Date.parse(ts), text: [msg, error].filter(Boolean).join(': ') }]
  } catch {
    // Cut off where the part that was read begins.
    return []
  }
}
