/** Bash text with substituted values: each value reaches bash as a variable, so it is a word and never code. */
import type { Script } from '../../workflow/script.ts'

/** What surrounds a place in a script. */
type Context = 'plain' | 'double' | 'single' | 'heredoc' | 'quoted-heredoc' | 'comment'

export interface ShellPlace {
  /** The text between `${{` and `}}`, trimmed. */
  readonly expression: string
  readonly start: number
  readonly end: number
  readonly context: Context
}

const variableName = (index: number): string => `__k8s_ha_${index}`

/** True where bash would not expand anything, so that a value cannot be put there. */
export const takesNoValue = (context: Context): boolean => context === 'single' || context === 'quoted-heredoc'

/** The script with variables in place of its substitutions, and their values, in order. */
export function substituteInShell(script: string, places: readonly ShellPlace[], values: readonly string[]): Script {
  let text = ''
  let from = 0
  const variables: Record<string, string> = {}
  for (const [index, place] of places.entries()) {
    const name = variableName(index)
    variables[name] = values[index] ?? ''
    text += script.slice(from, place.start) + (place.context === 'plain' ? `"\${${name}}"` : `\${${name}}`)
    from = place.end
  }
  return { text: text + script.slice(from), values: variables }
}

/**
 * Finds the substitutions of a script and how bash would read each. Exact for quotes, comments, command substitutions
 * and here-documents; where it were wrong, a value might be split into words, but could not become code.
 */
export function findInShell(script: string): ShellPlace[] {
  return new ShellScanner(script).scan()
}

interface Heredoc {
  readonly end: string
  readonly quoted: boolean
  readonly stripTabs: boolean
}

class ShellScanner {
  readonly #script: string
  readonly #places: ShellPlace[] = []
  /** Innermost last: `$(…)` inside of double quotes is plain again. */
  readonly #stack: ('double' | 'paren')[] = []
  readonly #heredocs: Heredoc[] = []
  #at = 0

  constructor(script: string) {
    this.#script = script
  }

  scan(): ShellPlace[] {
    while (this.#at < this.#script.length) this.#step()
    return this.#places
  }

  #step(): void {
    const character = this.#script[this.#at]
    const double = this.#stack.at(-1) === 'double'
    if (this.#script.startsWith('${{', this.#at)) this.#substitution(double ? 'double' : 'plain')
    else if (character === '\\') this.#at += 2
    else if (character === '"') this.#quote(double)
    else if (this.#script.startsWith('$(', this.#at)) this.#open(2)
    else if (!double && character === '(') this.#open(1)
    else if (!double && character === ')') this.#close()
    else if (!double && character === "'") this.#until("'", 'single', this.#script[this.#at - 1] === '$')
    else if (!double && character === '#' && this.#startsWord()) this.#until('\n', 'comment', false)
    else if (!double && this.#script.startsWith('<<', this.#at)) this.#redirection()
    else if (character === '\n') this.#lineEnd()
    else this.#at++
  }

  #substitution(context: Context): void {
    const start = this.#at
    const close = this.#script.indexOf('}}', start)
    this.#at = close === -1 ? this.#script.length : close + 2
    const expression = this.#script.slice(start + 3, close === -1 ? undefined : close).trim()
    this.#places.push({ expression, start, end: this.#at, context })
  }

  #quote(double: boolean): void {
    if (double) this.#stack.pop()
    else this.#stack.push('double')
    this.#at++
  }

  #open(length: number): void {
    this.#stack.push('paren')
    this.#at += length
  }

  #close(): void {
    if (this.#stack.at(-1) === 'paren') this.#stack.pop()
    this.#at++
  }

  /** Passes a part in which nothing but its end has a meaning. */
  #until(end: string, context: Context, escapes: boolean): void {
    this.#at++
    while (this.#at < this.#script.length && this.#script[this.#at] !== end) {
      if (escapes && this.#script[this.#at] === '\\') this.#at += 2
      else if (this.#script.startsWith('${{', this.#at)) this.#substitution(context)
      else this.#at++
    }
    if (end !== '\n') this.#at++
  }

  #startsWord(): boolean {
    return this.#at === 0 || /[\s;&|(]/.test(this.#script[this.#at - 1] ?? '')
  }

  #redirection(): void {
    const match = /^<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|(\\?)([^\s;&|<>()'"]+))/.exec(
      this.#script.slice(this.#at, this.#at + 200),
    )
    if (this.#script.startsWith('<<<', this.#at) || !match) {
      this.#at += this.#script.startsWith('<<<', this.#at) ? 3 : 2
      return
    }
    const end = match[2] ?? match[3] ?? match[5] ?? ''
    this.#heredocs.push({ end, quoted: match[5] === undefined || match[4] === '\\', stripTabs: match[1] === '-' })
    this.#at += match[0].length
  }

  #lineEnd(): void {
    this.#at++
    for (let heredoc = this.#heredocs.shift(); heredoc; heredoc = this.#heredocs.shift()) this.#body(heredoc)
  }

  #body(heredoc: Heredoc): void {
    const context = heredoc.quoted ? 'quoted-heredoc' : 'heredoc'
    while (this.#at < this.#script.length) {
      const newline = this.#script.indexOf('\n', this.#at)
      const lineEnd = newline === -1 ? this.#script.length : newline
      const line = this.#script.slice(this.#at, lineEnd)
      if ((heredoc.stripTabs ? line.replace(/^\t+/, '') : line) === heredoc.end) {
        this.#at = lineEnd
        // The line end that closes a body opens the next one, if there is one.
        if (newline !== -1) this.#at = newline + 1
        return
      }
      while (this.#at < lineEnd) {
        if (this.#script.startsWith('${{', this.#at)) this.#substitution(context)
        else this.#at++
      }
      this.#at = Math.max(this.#at, lineEnd + 1)
    }
  }
}
