/** Runs a program on a VM and reduces what came of it to one line, for observations. */
import type { ExecOptions, Vm } from '../drivers/driver.ts'

export interface Answer {
  readonly ok: boolean
  readonly stdout: string
  /** The last line that says why it failed; empty when it did not. */
  readonly reason: string
}

export async function runOn(vm: Vm, argv: readonly string[], options: ExecOptions): Promise<Answer> {
  const result = await vm.exec(argv, options)
  if (!result.ok) return { ok: false, stdout: '', reason: result.failure.message }
  const { exitCode, stdout, stderr } = result.value
  const said = saidByCurl(stderr) ?? lastLine(stderr) ?? lastLine(stdout) ?? `exit code ${exitCode}`
  const reason = exitCode === 0 ? '' : said
  return { ok: exitCode === 0, stdout, reason }
}

/** What it says of a certificate is followed by where to read about certificates. */
const saidByCurl = (text: string): string | undefined => /^curl: \(\d+\) .*/m.exec(text)?.[0]

const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').filter(Boolean).at(-1)

/** The same with kubectl and the administrator's rights, through the VIP unless `server` says otherwise. */
export const kubectlOn = (vm: Vm, argv: readonly string[], options: ExecOptions): Promise<Answer> =>
  runOn(vm, ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...argv], options)
