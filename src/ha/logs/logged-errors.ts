/** Errors in a log of Kubernetes, etcd or containerd: when, and in words. */

export interface LoggedError {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Without what is only for programs: "unable to transform key "/registry/secrets/default/one"". */
  readonly text: string
}

/** `sinceMs`: for the year, which Kubernetes leaves out. */
export const errorsIn = (log: string, sinceMs: number): readonly LoggedError[] =>
  log.split('\n').flatMap(line => ofKubernetes(line, sinceMs) ?? ofEtcd(line) ?? ofContainerd(line) ?? [])

/** "E0102 15:04:05.000000       1 cacher.go:419] …", as klog writes it, in UTC on VMs. */
const klog = /^[EF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.\d+ +\d+ \S+\] (.*)$/

function ofKubernetes(line: string, sinceMs: number): LoggedError | undefined {
  const [, month, day, hour, minute, second, text] = klog.exec(line) ?? []
  if (text === undefined) return undefined
  const at = (year: number) =>
    Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return { at: at(yearOf(at, sinceMs)), text: inWords(text) }
}

const quoted = String.raw`"((?:[^"\\]|\\.)*)"`
/** `"Unhandled Error" err="unable to …" logger="UnhandledError"` */
const message = new RegExp(`^${quoted}`)
const cause = new RegExp(String.raw`\berr=${quoted}`)
/** What stands before a cause, and says nothing. */
const emptyWords = 'Unhandled Error'

function inWords(text: string): string {
  const [, said] = message.exec(text) ?? []
  if (said === undefined) return text
  const [, because] = cause.exec(text) ?? []
  return [said === emptyWords ? undefined : said, because].filter(Boolean).join(': ').replaceAll(/\\(.)/g, '$1')
}

const halfYearMs = 183 * 24 * 3_600_000

/** Nothing was logged in the future. */
function yearOf(at: (year: number) => number, sinceMs: number): number {
  const year = new Date(sinceMs).getUTCFullYear()
  return at(year) > sinceMs + halfYearMs ? year - 1 : year
}

/** `{"level":"error","ts":"2026-01-02T15:04:05.000Z","msg":"…","error":"…"}` */
function ofEtcd(line: string): LoggedError | undefined {
  if (!/^\{"level":"(error|fatal|panic)"/.test(line)) return undefined
  try {
    const { ts, msg, error } = JSON.parse(line) as {
      readonly ts: string
      readonly msg: string
      readonly error?: string
    }
    return { at: Date.parse(ts), text: [msg, error].filter(Boolean).join(': ') }
  } catch {
    // Cut off where the part that was read begins.
    return undefined
  }
}

/** `time="2026-01-02T15:04:05.000Z" level=error msg="…" error="…"` */
function ofContainerd(line: string): LoggedError | undefined {
  const [, time] = /^time="([^"]*)" level=(?:error|fatal) /.exec(line) ?? []
  if (time === undefined) return undefined
  const field = (name: string) => new RegExp(String.raw` ${name}=(?:${quoted}|(\S+))`).exec(line)
  const words = ['msg', 'error'].map(name => field(name)?.slice(1).find(Boolean))
  return { at: Date.parse(time), text: words.filter(Boolean).join(': ').replaceAll(/\\(.)/g, '$1') }
}
