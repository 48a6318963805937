/** From the words of an unfinished command line to those that may stand at its end. */
import type { ArgumentSpec, CommandSpec, Completes, OptionSpec } from '../command.ts'
import type { Candidate } from './candidates.ts'

export interface CommandNames {
  readonly names: readonly Candidate[]
  load(name: string): Promise<CommandSpec | undefined>
}

/** What is asked for, with the words before it that say more of it. */
export type Wanted = (kind: Completes, words: WordsBefore) => Promise<readonly Candidate[]>

export interface WordsBefore {
  readonly typed: string
  readonly args: readonly string[]
  /** Options by their long name. */
  readonly options: Readonly<Record<string, string>>
}

/** `words`: after the program's name; the last one is what is typed so far, maybe nothing. */
export async function completeWords(
  words: readonly string[],
  commands: CommandNames,
  wanted: Wanted,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? ''
  const [name, ...rest] = words.slice(0, -1)
  const fitting = (candidates: readonly Candidate[]) =>
    candidates.filter(({ value }) => value.startsWith(':') || value.startsWith(typed))
  if (name === undefined) return fitting(typed.startsWith('-') ? optionCandidates([help, version]) : commands.names)
  const top = await commands.load(name)
  if (!top) return []
  const { spec, words: own } = innermost(top, rest)
  if (spec.commands)
    return fitting(Object.entries(spec.commands).map(([value, { summary }]) => ({ value, description: summary })))
  const seen = readWords(own, spec)
  if (seen === undefined) return []
  const before = { typed, args: seen.args, options: seen.options }
  if (seen.open) return fitting(await valuesOf(seen.open, before, wanted))
  if (typed.startsWith('-')) {
    const equals = typed.indexOf('=')
    const option = equals === -1 ? undefined : spec.options?.find(one => namesOf(one).includes(typed.slice(0, equals)))
    if (!option) return fitting(optionCandidates([...(spec.options ?? []), help]))
    const value = typed.slice(equals + 1)
    const values = await valuesOf(option, { ...before, typed: value }, wanted)
    return fitting(values.map(one => ({ ...one, value: typed.slice(0, equals + 1) + one.value })))
  }
  return fitting(await argumentCandidates(spec, before, wanted))
}

const help: OptionSpec = { flags: '-h, --help', description: 'show help' }
const version: OptionSpec = { flags: '-V, --version', description: 'print the version' }

function innermost(top: CommandSpec, rest: readonly string[]): { spec: CommandSpec; words: readonly string[] } {
  let spec = top
  let words = rest
  for (let next = spec.commands?.[words[0] ?? '']; next; next = spec.commands?.[words[0] ?? '']) {
    spec = next
    words = words.slice(1)
  }
  return { spec, words }
}

interface SeenWords {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string>>
  /** The option whose value comes now. */
  readonly open?: OptionSpec
}

/** Undefined: what follows is not the command's. */
function readWords(words: readonly string[], spec: CommandSpec): SeenWords | undefined {
  const args: string[] = []
  const options: Record<string, string> = {}
  let open: OptionSpec | undefined
  for (const word of words) {
    if (open) {
      options[longName(open)] = word
      open = undefined
    } else if (word === '--' && spec.rest) return undefined
    else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = word.split(/=(.*)/s)
      const option = spec.options?.find(one => namesOf(one).includes(name))
      if (option && takesValue(option) && value === undefined) open = option
      else if (option && value !== undefined) options[longName(option)] = value
    } else if (spec.passThrough && args.length > 0) return undefined
    else args.push(word)
  }
  return { args, options, ...(open ? { open } : {}) }
}

async function argumentCandidates(
  spec: CommandSpec,
  before: WordsBefore,
  wanted: Wanted,
): Promise<readonly Candidate[]> {
  const args = before.args.filter(word => !(spec.assignments && word.includes('=')))
  const argument = argumentAt(spec.arguments ?? [], args.length)
  const own = argument?.completes ? await wanted(argument.completes, { ...before, args }) : []
  const settings = spec.assignments && args.length > 0 ? await wanted('param', { ...before, args }) : []
  return [...settings, ...own.filter(({ value }) => !args.includes(value))]
}

function argumentAt(list: readonly ArgumentSpec[], index: number): ArgumentSpec | undefined {
  const last = list.at(-1)
  return list[index] ?? (last?.name.includes('...') ? last : undefined)
}

async function valuesOf(option: OptionSpec, before: WordsBefore, wanted: Wanted): Promise<readonly Candidate[]> {
  if (option.choices) return option.choices.map(value => ({ value }))
  return option.completes ? wanted(option.completes, before) : []
}

const optionCandidates = (options: readonly OptionSpec[]): readonly Candidate[] =>
  options.map(option => ({ value: `--${longName(option)}`, description: option.description }))

const namesOf = ({ flags }: OptionSpec): readonly string[] => flags.match(/--?[A-Za-z][\w-]*/g) ?? []
const longName = (option: OptionSpec): string => (namesOf(option).at(-1) ?? '').replace(/^--/, '')
const takesValue = ({ flags }: OptionSpec): boolean => /[<[]/.test(flags)
