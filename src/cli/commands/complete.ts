/** `k8s-ha complete -- WORD…`: what a shell asks while a command is typed; a value and its description a line. */
import { ok } from '../../platform/result.ts'
import { type CommandEntry, type CommandSpec, type Invocation, ParsedOptions } from '../command.ts'
import { candidatesFor } from '../completion/candidates.ts'
import { completeWords } from '../completion/complete-words.ts'
import { openProject } from '../open-project.ts'

export const completeCommand = (commands: Readonly<Record<string, CommandEntry>>): CommandSpec => ({
  rest: true,

  /** Nothing to offer is no failure: the shell has nobody to tell. */
  async run(invocation) {
    const names = Object.entries(commands).flatMap(([value, { summary, hidden }]) =>
      hidden ? [] : [{ value, description: summary }],
    )
    const load = async (name: string) =>
      Object.hasOwn(commands, name) ? (await commands[name]?.load())?.default : undefined
    const found = await completeWords(invocation.rest, { names, load }, async (kind, { typed, args, options }) => {
      const opened = await openProject(asked(invocation, options))
      return opened.ok ? candidatesFor(kind, { opened: opened.value, before: args, typed }) : []
    })
    const lines = found.map(({ value, description }) => (description ? `${value}\t${oneLine(description)}` : value))
    invocation.console.out(lines.map(line => `${line}\n`).join(''))
    return ok(0)
  },
})

/** In the project that the typed words name. */
const asked = (invocation: Invocation, options: Readonly<Record<string, string>>): Invocation => {
  const { project, 'cache-dir': cacheDir } = options
  return {
    ...invocation,
    options: new ParsedOptions({ ...(project ? { project } : {}), ...(cacheDir ? { cacheDir } : {}) }),
    interruption: () => invocation.interruption(),
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
