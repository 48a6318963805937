/** Reads the command line with commander, loading only the file of the command that is used. */
import { Command, CommanderError, Option } from 'commander'
import { type Failure, usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { CommandSpec, OptionSpec } from './command.ts'
import { commands } from './commands/commands.ts'
import { versionText } from './version-text.ts'

export interface ParsedCommandLine {
  readonly args: readonly string[]
  readonly rest: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly run: NonNullable<CommandSpec['run']>
}

/** Undefined when all that was asked for, help or the version, has been printed. */
export async function parseCommandLine(
  argv: readonly string[],
  print: (text: string) => void,
): Promise<Result<ParsedCommandLine | undefined>> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    print(`${versionText()}\n`)
    return ok(undefined)
  }
  const selection: Selection = { parsed: undefined, rest: [], wantsHelp: false }
  const program = await buildProgram(argv, selection, print)
  try {
    program.parse(argv.length === 0 ? ['--help'] : argumentsFor(argv, selection), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? ok(undefined) : fail(usageFailure(error, program, argv))
  }
  return ok(selection.parsed)
}

interface Selection {
  parsed: ParsedCommandLine | undefined
  /** Of the command at the top that is asked for. */
  spec?: CommandSpec
  rest: readonly string[]
  wantsHelp: boolean
}

/** Without what the command itself takes care of: what stands after `--`, and --help of an argument. */
function argumentsFor(argv: readonly string[], selection: Selection): readonly string[] {
  const { spec } = selection
  const end = spec?.rest ? argv.indexOf('--') : -1
  const own = end === -1 ? argv : argv.slice(0, end)
  if (end !== -1) selection.rest = argv.slice(end + 1)
  const isHelp = (word: string) => word === '--help' || word === '-h'
  const hasArgument = own.slice(1).some(word => !word.startsWith('-'))
  if (spec?.about === undefined || own[0] === 'help' || !hasArgument || !own.some(isHelp)) return own
  selection.wantsHelp = true
  return own.filter(word => !isHelp(word))
}

const assignment = /^[A-Za-z_][\w.-]*=/

/** Assignments among the arguments are given with --set. */
function parsedOf(command: Command, spec: CommandSpec, { rest, wantsHelp }: Selection): ParsedCommandLine | undefined {
  const run = (wantsHelp ? spec.about : undefined) ?? spec.run
  if (!run) return undefined
  const set = spec.assignments ? command.args.filter(word => assignment.test(word)) : []
  const options = command.opts()
  const given: unknown = options.set
  return {
    args: command.args.filter(word => !set.includes(word)),
    rest,
    options: set.length === 0 ? options : { ...options, set: [...(Array.isArray(given) ? given : []), ...set] },
    run: run.bind(spec),
  }
}

async function buildProgram(
  argv: readonly string[],
  selection: Selection,
  print: (text: string) => void,
): Promise<Command> {
  // Before any command is added: each takes over these settings.
  const program = strict(new Command('k8s-ha')).configureOutput({ writeOut: print, writeErr: () => {} })
  program.description('Builds, starts, breaks and judges a highly available Kubernetes control plane on one machine.')
  program.option('-V, --version', 'print the version')
  const words = argv.filter(word => !word.startsWith('-'))
  const wanted = words[0] === 'help' ? words[1] : words[0]
  for (const [name, entry] of Object.entries(commands)) {
    const command = strict(program.command(name, { hidden: entry.hidden ?? false })).summary(entry.summary)
    if (name !== wanted) continue
    selection.spec = (await entry.load()).default
    configure(command, entry.summary, selection.spec, selection)
  }
  return program
}

/** Errors are thrown and worded by us. */
const strict = (command: Command): Command =>
  command.exitOverride().showSuggestionAfterError(false).enablePositionalOptions()

function configure(command: Command, summary: string, spec: CommandSpec, selection: Selection): void {
  command.description([`${summary[0]?.toUpperCase()}${summary.slice(1)}.`, spec.details].filter(Boolean).join('\n\n'))
  for (const argument of spec.arguments ?? []) command.argument(argument.name, argument.description)
  for (const option of spec.options ?? []) command.addOption(commanderOption(option))
  for (const [name, child] of Object.entries(spec.commands ?? {}))
    configure(strict(command.command(name)).summary(child.summary), child.summary, child, selection)
  if (spec.passThrough) command.passThroughOptions().allowUnknownOption()
  if (!spec.run) return
  command.action(() => {
    selection.parsed = parsedOf(command, spec, selection)
  })
}

function commanderOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description)
  if (spec.choices) option.choices([...spec.choices])
  if (spec.repeat)
    option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value])
  return option
}

function usageFailure(error: CommanderError, program: Command, argv: readonly string[]): Failure {
  const command = deepest(program, argv)
  const path = commandPath(command)
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const known =
    error.code === 'commander.unknownOption'
      ? command.options.flatMap(option => (option.long ? [option.long] : []))
      : command.commands.map(child => child.name())
  if (error.code === 'commander.help')
    return usage(`Missing command after "${path}": one of ${known.join(', ')}`, { try: `./${path} --help` })
  const isUnknown = error.code === 'commander.unknownOption' || error.code === 'commander.unknownCommand'
  const words = error.message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replaceAll("'", '"')
  const message = `${words[0]?.toUpperCase()}${words.slice(1)}${isUnknown ? didYouMean(quoted, known) : ''}`
  return usage(message, { try: `./${path} --help` })
}

/** The innermost command that the arguments name. */
function deepest(program: Command, argv: readonly string[]): Command {
  let command = program
  for (const word of argv) {
    const child = command.commands.find(candidate => candidate.name() === word)
    if (!child) break
    command = child
  }
  return command
}

const commandPath = (command: Command): string =>
  command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name()
