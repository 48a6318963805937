/** What `go` says when it does not get a module, in one line that names the module. */

/** Each line that it printed. Undefined when none of them is known to say why. */
export function moduleProblem(lines: readonly string[]): string | undefined {
  const problems = [...new Set(lines.map((_, at) => problemAt(lines, at)).filter(problem => problem !== undefined))]
  const [first, ...others] = problems
  if (first === undefined) return undefined
  return withoutPasswords(`${first}${others.length > 0 ? `, and ${others.length} more` : ''}`)
}

/** "go: <package>: <module>@<version>: reading <URL>: 403 Forbidden", "verifying <module>@<version>: checksum mismatch". */
function problemAt(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] ?? ''
  const [, said] = /^go: (?!downloading |finding |extracting |warning: )(.+)$/.exec(line) ?? []
  if (said !== undefined) return said.replace(/^\S+: (\S+@\S+: )/, '$1')
  if (!/^verifying \S+: /.test(line)) return undefined
  const sums = lines.slice(at + 1, at + 3).map(sum => sum.trim().replace(/:\s+/, ' '))
  return `refused, ${line}: ${sums.join(', ')}`
}

/** Whether trying again may help: something broke on the way. */
export const mayPass = (problem: string): boolean =>
  /unexpected EOF|connection reset|stream error|i\/o timeout|TLS handshake timeout|\b50[234] |server misbehaving/.test(
    problem,
  )

const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/)[^/@\s"]+@/g, '$1***@')
