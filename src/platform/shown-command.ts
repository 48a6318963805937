/** What may be shown of another process's command line: its program, and the flows of k8s-ha. Other arguments may be secrets. */

const word = /^[a-z][\w.+-]{0,63}$/i

/** "k8s-ha flow test-ipv6", or "node script.ts"; undefined when nothing may be shown. */
export function shownCommand(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv
  if (!word.test(baseName(program))) return undefined
  if (baseName(program) !== 'node') return baseName(program)
  const at = rest.findIndex(argument => !argument.startsWith('-'))
  const [script = '', command = '', ...more] = at === -1 ? [] : rest.slice(at)
  if (!/^main\.(js|ts)$/.test(baseName(script)))
    return ['node', ...(isName(script) ? [baseName(script)] : [])].join(' ')
  const end = more.findIndex(argument => !isName(argument))
  const flows = command === 'flow' ? more.slice(0, end === -1 ? undefined : end).map(baseName) : []
  return ['k8s-ha', ...(/^[a-z]+$/.test(command) ? [command] : []), ...flows].join(' ')
}

const isName = (argument: string): boolean => word.test(baseName(argument)) && !argument.includes('=')

const baseName = (path: string): string => path.split('/').at(-1) ?? ''
