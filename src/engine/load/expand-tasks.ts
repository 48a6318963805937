/** The tasks of the collected files as they will run: matrix expanded, values substituted, names checked. */
import { digestOf } from '../../platform/digest.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { placeText } from '../../text/source-text.ts'
import { inputPattern, projectPath } from '../workflow/project-path.ts'
import type { Script } from '../workflow/script.ts'
import type { Action, Json, Param, Scalar, Task } from '../workflow/workflow.ts'
import { checkedGlobs, checkedOutput } from './checked-outputs.ts'
import { type CollectedFile, isCombined } from './collect-files.ts'
import { durationMs } from './duration.ts'
import { inFolder, joinScripts, withArguments } from './shell/script-prefix.ts'
import { type Scope, type Substitution, substituteJson, substituteShell, substituteText } from './substitute.ts'
import { listOf } from './written/list-of.ts'
import type { WorkflowFile } from './written/workflow-file.ts'
import type { RawTask } from './written/workflow-schema.ts'

/** A task, and where it was written: problems found later are reported there. */
export interface WrittenTask {
  readonly task: Task
  readonly base: string
  readonly file: WorkflowFile
  /** True for a task of the workflow that is run, false for one that it includes. */
  readonly own: boolean
  /** Its `when` does not hold: tasks that need it run without it. */
  readonly absent: boolean
}

export interface ExpandOptions {
  readonly files: readonly CollectedFile[]
  readonly params: readonly Param[]
  readonly taskTypes: readonly string[]
  /** What stood after `--`. */
  readonly args: readonly string[]
  /** Folders that no output may touch. */
  readonly reserved: readonly string[]
}

type Path = readonly (string | number)[]
/** The matrix values of one task, in the order of its name. */
type Variant = readonly (readonly [string, Scalar])[]
const maxVariants = 10_000
type Take = <T>(result: Substitution<T>, path: Path) => T
/** Without "run" or "uses" they mean nothing. */
const keysOfPrograms = [
  ...(['inputs', 'outputs', 'env', 'dotenv', 'dir', 'args', 'interactive'] as const),
  ...(['fingerprint', 'sandbox', 'cleans', 'retries', 'timeout'] as const),
]

export function expandTasks(options: ExpandOptions): WrittenTask[] {
  const written: WrittenTask[] = []
  const placeByName = new Map<string, string>()
  const params: Scope = new Map(options.params.map(({ name, value }) => [`params.${name}`, value]))
  for (const [index, { file }] of options.files.entries()) {
    for (const [name, raw] of Object.entries(file.raw.tasks ?? {})) {
      const place = placeText(file.place(['tasks', name], 'key'))
      const other = placeByName.get(name)
      if (other !== undefined) {
        const hint = isCombined(options.files) ? '; run the flows one after the other' : ''
        file.problem(`Task "${name}" is defined at ${other} too${hint}`, ['tasks', name], 'key')
        continue
      }
      placeByName.set(name, place)
      const expansion = new TaskExpansion(file, name, raw ?? {}, options)
      const absent = !expansion.isWanted()
      written.push(...expansion.expand(params).map(task => ({ task, base: name, file, own: index === 0, absent })))
    }
  }
  return written
}

/** One task of a file. */
class TaskExpansion {
  readonly #file: WorkflowFile
  readonly #name: string
  readonly #raw: RawTask
  readonly #options: ExpandOptions
  /** Each problem once, though every variant of a matrix meets it. */
  readonly #reported = new Set<string>()

  constructor(file: WorkflowFile, name: string, raw: RawTask, options: ExpandOptions) {
    this.#file = file
    this.#name = name
    this.#raw = raw
    this.#options = options
  }

  expand(params: Scope): Task[] {
    this.#checkKind()
    const definition = this.#definition()
    const names = new Set<string>()
    return this.#variants().flatMap(variant => {
      const name = variant.length === 0 ? this.#name : `${this.#name}[${variant.map(([, value]) => value).join(',')}]`
      if (names.has(name)) {
        this.#problem(`The matrix gives the task "${name}" twice`, ['matrix'])
        return []
      }
      names.add(name)
      const matrix = variant.map(([key, value]) => [`matrix.${key}`, value] as const)
      return [this.#variant(name, new Map([...params, ...matrix]), definition)]
    })
  }

  isWanted(): boolean {
    return Object.entries(this.#raw.when ?? {}).every(([name, wanted]) => {
      const param = this.#options.params.find(one => one.name === name)
      if (param === undefined) {
        const names = this.#options.params.map(one => one.name)
        this.#problem(`Unknown parameter "${name}"${didYouMean(name, names)}`, ['when', name], 'key')
      }
      return [wanted].flat().some(value => String(value) === String(param?.value))
    })
  }

  #problem(message: string, path: Path, part: 'key' | 'value' = 'value'): void {
    if (this.#reported.has(message)) return
    this.#reported.add(message)
    this.#file.problem(message, ['tasks', this.#name, ...path], part)
  }

  #checkKind(): void {
    const { run, uses, ...rest } = this.#raw
    if (run !== undefined && uses !== undefined)
      this.#problem(`Task "${this.#name}" has both "run" and "uses"`, ['uses'], 'key')
    if (uses === undefined && rest.with) this.#problem('"with" goes only with "uses"', ['with'], 'key')
    for (const key of ['sandbox', 'dir', 'args', 'interactive'] as const)
      if (uses !== undefined && rest[key]) this.#problem(`"${key}" goes only with "run"`, [key], 'key')
    if (rest.interactive && rest.sandbox) this.#problem('An interactive task has no sandbox', ['interactive'], 'key')
    if (uses !== undefined && !this.#options.taskTypes.includes(uses))
      this.#problem(`Unknown task type "${uses}"${didYouMean(uses, this.#options.taskTypes)}`, ['uses'])
    if (run !== undefined || uses !== undefined || this.#file.isBroken(this.#name)) return
    for (const key of keysOfPrograms)
      if (rest[key] !== undefined)
        this.#problem(`Task "${this.#name}" has "${key}" but nothing to run: neither "run" nor "uses"`, [key], 'key')
  }

  #variants(): readonly Variant[] {
    const { matrix = {} } = this.#raw
    return Array.isArray(matrix) ? this.#listed(matrix) : this.#product(matrix)
  }

  /** The combinations as they are written; the first says which keys there are, and in which order. */
  #listed(combinations: readonly Readonly<Record<string, Scalar>>[]): readonly Variant[] {
    if (combinations.length > maxVariants) {
      this.#problem(`The matrix makes more than ${maxVariants} tasks`, ['matrix'])
      return [[]]
    }
    const keys = Object.keys(combinations[0] ?? {})
    return combinations.map((combination, index) => {
      for (const [key, value] of Object.entries(combination)) {
        const path = ['matrix', index, key]
        this.#checkValue(value, path)
        if (!keys.includes(key))
          this.#problem(`The matrix's first combination has no "${key}"${didYouMean(key, keys)}`, path, 'key')
      }
      for (const key of keys)
        if (!Object.hasOwn(combination, key))
          this.#problem(`Combination ${index + 1} of the matrix has no "${key}", as the first one has`, [
            'matrix',
            index,
          ])
      return keys.map(key => [key, combination[key] ?? ''] as const)
    })
  }

  #checkValue(value: Scalar, path: Path): void {
    if (/[\p{Cc}[\],]/u.test(String(value)) || value === '')
      this.#problem(`Matrix value ${JSON.stringify(value)} cannot be part of a task's name`, path)
  }

  #product(matrix: Readonly<Record<string, readonly Scalar[]>>): readonly Variant[] {
    let variants: Variant[] = [[]]
    for (const [key, values] of Object.entries(matrix)) {
      for (const [index, value] of values.entries()) this.#checkValue(value, ['matrix', key, index])
      if (variants.length * values.length > maxVariants) {
        this.#problem(`The matrix makes more than ${maxVariants} tasks`, ['matrix'])
        return [[]]
      }
      variants = variants.flatMap(variant => values.map(value => [...variant, [key, value] as const]))
    }
    return variants
  }

  /** What was written, without what cannot change a result. */
  #definition(): string {
    const { run, uses, with: options, sandbox, dir, args, dotenv } = this.#raw
    const list = (key: 'inputs' | 'outputs' | 'env' | 'fingerprint') => this.#raw[key] && listOf<string>(this.#raw[key])
    const parts = [run, uses, options, list('inputs'), list('outputs'), list('env'), list('fingerprint'), sandbox]
    // What came later is left out where it is not used, so that earlier results still count.
    const later = [dir, args, dotenv && listOf(dotenv)]
    return digestOf(JSON.stringify(later.some(Boolean) ? [...parts, ...later] : parts))
  }

  #variant(name: string, scope: Scope, definition: string): Task {
    const raw = this.#raw
    const used = new Set<string>()
    const take: Take = (result, path) => {
      for (const problem of result.problems) this.#problem(problem, path)
      for (const key of result.used) used.add(key)
      return result.value
    }
    const texts = (key: 'needs' | 'inputs' | 'outputs' | 'dotenv') =>
      listOf(raw[key]).map((text, index) => take(substituteText(text, scope), [key, index]))
    const root = raw.sandbox && take(substituteText(raw.sandbox.root, scope), ['sandbox', 'root'])
    const cleans = raw.cleans === undefined ? undefined : take(substituteText(raw.cleans, scope), ['cleans'])
    const dir = this.#dir(scope, take)
    const action = this.#action(scope, dir, take)
    const needs = new Set([
      ...texts('needs'),
      ...(root === undefined ? [] : [root]),
      ...(cleans === undefined ? [] : [cleans]),
    ])
    const dotenv = this.#paths('dotenv', texts('dotenv'), projectPath)
    const isBlind = needs.size === 0 && declaresNothing(raw)
    return {
      name,
      place: this.#file.place(['tasks', this.#name], 'key'),
      ...(raw.description === undefined ? {} : { description: raw.description }),
      action,
      needs: [...needs],
      after: [],
      inputs: [...new Set([...this.#paths('inputs', texts('inputs'), inputPattern), ...dotenv])],
      outputs: this.#outputs(texts('outputs')),
      env: [...new Set(listOf(raw.env))].sort(),
      ...(dotenv.length > 0 ? { dotenv } : {}),
      ...(dir === '' ? {} : { dir }),
      fingerprint: listOf(raw.fingerprint).map((text, index) =>
        joinScripts(this.#inFolder(dir), take(substituteShell(text, scope), ['fingerprint', index])),
      ),
      cache: raw.cache !== false && cleans === undefined && !isBlind && !raw.interactive,
      ...(raw.args ? { takesArgs: true } : {}),
      ...(raw.interactive ? { interactive: true } : {}),
      ...(isBlind ? { declaresNothing: true } : {}),
      ...(raw.cache === 'local' ? { local: true } : {}),
      timeoutMs: durationMs(raw.timeout ?? ''),
      retries: raw.retries ?? 0,
      resources: { cpu: 1, ...raw.resources, ...(raw.interactive ? { terminal: 1 } : {}) },
      ...(root === undefined ? {} : { sandbox: { root, network: raw.sandbox?.network ?? false } }),
      always: (raw.always ?? false) || cleans !== undefined,
      ...(cleans === undefined ? {} : { cleans }),
      uses: {
        ...Object.fromEntries([...used].sort().map(key => [key, scope.get(key) ?? ''])),
        ...(raw.args ? { args: JSON.stringify(this.#options.args) } : {}),
      },
      definition,
    }
  }

  #outputs(texts: readonly string[]): readonly string[] {
    const { reserved } = this.#options
    const outputs = this.#paths('outputs', texts, text => checkedOutput(text, reserved))
    const { problem, excluded } = checkedGlobs(outputs, { uses: this.#raw.uses, reserved })
    if (problem !== undefined) this.#problem(problem, ['outputs'])
    return [...outputs, ...excluded]
  }

  /** Relative to the project; empty for the project itself. */
  #dir(scope: Scope, take: Take): string {
    if (this.#raw.dir === undefined) return ''
    const checked = projectPath(take(substituteText(this.#raw.dir, scope), ['dir']))
    if ('problem' in checked) this.#problem(checked.problem, ['dir'])
    return 'problem' in checked || checked.path === '.' ? '' : checked.path
  }

  #inFolder(dir: string): Script {
    return inFolder(dir, this.#raw.dir?.includes('${{') ?? false)
  }

  #action(scope: Scope, dir: string, take: Take): Action {
    const { run, uses, args } = this.#raw
    if (run !== undefined) {
      const before = [this.#inFolder(dir), ...(args ? [withArguments(this.#options.args)] : [])]
      return { kind: 'run', script: joinScripts(...before, take(substituteShell(run, scope), ['run'])) }
    }
    if (uses === undefined) return { kind: 'group' }
    const options = take(substituteJson((this.#raw.with ?? {}) as Json, scope), ['with'])
    return { kind: 'uses', type: uses, with: options as { readonly [key: string]: Json } }
  }

  #paths(
    key: 'inputs' | 'outputs' | 'dotenv',
    texts: readonly string[],
    check: (text: string) => { path: string } | { problem: string },
  ): string[] {
    return texts.map((text, index) => {
      const checked = check(text)
      if ('path' in checked) return checked.path
      this.#problem(checked.problem, [key, index])
      return text
    })
  }
}

/** Not even `inputs: []`, which says that there is nothing. */
const declaresNothing = ({ inputs, outputs, fingerprint, dotenv }: RawTask): boolean =>
  inputs === undefined && [outputs, fingerprint, dotenv].every(list => listOf(list).length === 0)
