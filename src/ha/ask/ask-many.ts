/** Asks many questions over HTTPS with one curl: a program for each would take longer than all of the answers. */
import { trustFiles } from '../../cluster/render/clients.ts'
import { type Cluster, secretPath, type Vm } from '../../drivers/driver.ts'
import { ok } from '../../platform/result.ts'
import { messageIn } from './api-on.ts'
import { adminPem } from './client-keys.ts'
import { runOn } from './run-on.ts'

export interface Question {
  readonly url: string
  /** Headers, a certificate …, as curl's configuration file has them. */
  readonly settings?: readonly CurlSetting[]
  /** "192.168.1.1:6443": the server that is to answer, whatever host the URL names. */
  readonly at?: string
  /** Sent as JSON. */
  readonly post?: object
  /** Sent with PATCH; makes the object when there is none (server-side apply). */
  readonly apply?: object
}

export type CurlSetting = readonly [name: string, value?: string]

export interface Reply {
  /** 0 when there was no answer. */
  readonly status: number
  readonly text: string
  /** Why it is not the answer that was hoped for; empty when it is. */
  readonly reason: string
}

/** How a client of the API proves who it is; the administrator's keys come with `adminOf`. */
export const asAdmin: readonly CurlSetting[] = [
  ['cacert', `/${trustFiles.ca}`],
  ['cert', secretPath],
  ['key', secretPath],
]
export const withToken = (token: string, ca = `/${trustFiles.ca}`): readonly CurlSetting[] => [
  ['cacert', ca],
  ['header', `Authorization: Bearer ${token}`],
]

const end = '--end of the answer--'
/** Of one answer, connection included. */
const answerS = 3

/** For `curl --config -`. */
export const curlConfig = (questions: readonly Question[], patience: number): string =>
  questions.map(question => settingsOf(question, patience).map(line).join('\n')).join('\nnext\n')

const line = ([name, value]: CurlSetting): string =>
  value === undefined ? name : `${name} = "${value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`

function settingsOf({ url, settings = [], at, post, apply }: Question, patience: number): readonly CurlSetting[] {
  const body = post ?? apply
  const type = post ? 'application/json' : 'application/apply-patch+yaml'
  const data: readonly CurlSetting[] = body
    ? [
        ['header', `Content-Type: ${type}`],
        ['data-raw', JSON.stringify(body)],
      ]
    : []
  return [
    ['url', url],
    ['silent'],
    ['globoff'],
    ['max-time', String(answerS * patience)],
    ...settings,
    ...(at === undefined ? [] : [['connect-to', `::${at}`] as const]),
    ...data,
    ...(apply ? [['request', 'PATCH'] as const] : []),
    ['write-out', `\n${end} %{http_code} %{errormsg}\n`],
  ]
}

export interface How {
  readonly signal: AbortSignal
  /** The cluster whose administrator asks some of the questions. */
  readonly adminOf?: Cluster
  /** A command line that becomes curl; it gets curl's configuration. */
  readonly argv?: readonly string[]
}

/** As many replies as questions, in their order. */
export async function askMany(
  vm: Vm,
  questions: readonly Question[],
  { signal, adminOf, argv = ['curl', '--config', '-'] }: How,
): Promise<readonly Reply[]> {
  const input = `${curlConfig(questions, vm.patience)}\n`
  const secret = adminOf === undefined ? ok('') : adminPem(adminOf)
  const { stdout, reason } = secret.ok
    ? await runOn(vm, argv, { timeoutMs: 20_000, signal, input, secret: secret.value })
    : { stdout: '', reason: secret.failure.message }
  const replies = repliesIn(stdout)
  const silent = { status: 0, text: '', reason: reason || 'no answer' }
  return questions.map((_, index) => replies[index] ?? silent)
}

function repliesIn(output: string): readonly Reply[] {
  const parts = output.split(new RegExp(`\\n${end} (\\d{3}) ?(.*)\\n`))
  return Array.from({ length: Math.floor(parts.length / 3) }, (_, index) => {
    const [text = '', code = '', error = ''] = parts.slice(index * 3, index * 3 + 3)
    const status = Number(code)
    return {
      status,
      text,
      reason: status >= 200 && status < 300 ? error : error || messageIn(text) || `HTTP ${status}`,
    }
  })
}
