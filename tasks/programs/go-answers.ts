/** What `go` says when it does not get a module, in one line that names the module. */

/** Each line that it printed. Undefined when none of them is known to say why. */
export function moduleProblem(lines: readonly string[]): string | undefined {
  const said = lines.map((_, at) => problemAt(lines, at)).filter(problem => problem !== undefined)
  // "go: <package> imports" begins a chain of packages, whose last line names the module.
  const named = said.filter(problem => /^(refused, )?\S+@v\S+: /.test(problem))
  const [first, ...others] = new Set(named.length > 0 ? named : said)
  if (first === undefined) return undefined
  return withoutPasswords(`${first}${others.length > 0 ? `, and ${others.length} more` : ''}`)
}

/** "go: <package>: <module>@<version>: reading <URL>: 403 Forbidden", "verifying <module>@<version>: checksum mismatch". */
function problemAt(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] ?? ''
  const [, mismatch] = /^verifying (\S+: .*)$/.exec(line) ?? []
  if (mismatch !== undefined) {
    const sums = lines.slice(at + 1, at + 3).map(sum => sum.trim().replace(/:\s+/, ' '))
    return `refused, ${mismatch}: ${sums.join(', ')}`
  }
  const [, said] = /^(?:go: |\t)(?!downloading |finding |extracting |warning: )(\S+: .+)$/.exec(line) ?? []
  return said?.replace(/^\S+: (\S+@v\S+: )/, '$1')
}

/** Whether trying again may help: something broke on the way. */
export const mayPass = (problem: string): boolean =>
  /unexpected EOF|connection reset|stream error|i\/o timeout|TLS handshake timeout|\b50[234] |server misbehaving/.test(
    problem,
  )

const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/)[^/@\s"]+@/g, '$1***@')
