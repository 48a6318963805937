/** Runs a program on a VM and reduces what came of it to one line, for observations. */
import { trustFiles } from '../../cluster/render/clients.ts'
import { type Cluster, type ExecOptions, secretPath, type Vm } from '../../drivers/driver.ts'
import { clientKeys } from './client-keys.ts'

export interface Answer {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** The last line that says why it failed; empty when it did not. */
  readonly reason: string
}

export async function runOn(vm: Vm, argv: readonly string[], options: ExecOptions): Promise<Answer> {
  const result = await vm.exec(argv, options)
  if (!result.ok) return { ok: false, stdout: '', stderr: '', reason: result.failure.message }
  const { exitCode, stdout, stderr } = result.value
  const reason = exitCode === 0 ? '' : (lastLine(stderr) ?? lastLine(stdout) ?? `exit code ${exitCode}`)
  return { ok: exitCode === 0, stdout, stderr, reason }
}

/**
 * What is asked of each VM, one after the other: all at once the questions would take the CPUs from what is
 * measured meanwhile, as each VM has a share of them. For questions that are answered at once.
 */
export async function inTurn<T>(vms: readonly Vm[], ask: (vm: Vm) => Promise<T>): Promise<readonly T[]> {
  const answers: T[] = []
  for (const vm of vms) answers.push(await ask(vm))
  return answers
}

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').filter(Boolean).at(-1)

/** The same with kubectl and the administrator's rights, through the VIP unless `--server` says otherwise. */
export async function kubectlOn(
  cluster: Cluster,
  vm: Vm,
  argv: readonly string[],
  options: ExecOptions,
): Promise<Answer> {
  const keys = clientKeys(cluster)
  if (!keys.ok) return { ok: false, stdout: '', stderr: '', reason: keys.failure.message }
  const { kubeconfig = '' } = keys.value
  return runOn(vm, ['kubectl', `--kubeconfig=${secretPath}`, ...argv], { ...options, secret: kubeconfig })
}

/**
 * The same with curl, which trusts the authorities that the VM's clients trust; `timeoutMs` is for all of the
 * request.
 */
export async function curlOn(
  vm: Vm,
  argv: readonly string[],
  { timeoutMs, ...more }: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly secret?: string },
): Promise<Answer> {
  const limit = ['--max-time', String((timeoutMs * vm.patience) / 1000)]
  const common = ['curl', '--silent', '--show-error', ...limit, '--cacert', `/${trustFiles.ca}`]
  const answer = await runOn(vm, [...common, ...argv], { timeoutMs: timeoutMs * 2, ...more })
  // What it says of a certificate is followed by where to read about certificates.
  const [said] = /^curl: \(\d+\) .*/m.exec(answer.stderr) ?? []
  return answer.ok || said === undefined ? answer : { ...answer, reason: said }
}
