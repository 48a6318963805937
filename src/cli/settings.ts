/** The settings: their names, environment variables and defaults, and which of them gives the value. */
import { defaultDriver } from '../drivers/default-driver.ts'
import { patienceForm } from '../drivers/patience-form.ts'
import { type Givers, givenValue, originOf } from '../engine/load/given-value.ts'
import { parseRemoteAddress, remoteAddressForms, withoutCredentials } from '../engine/remote/remote-address.ts'
import type { ValueSource } from '../engine/workflow/workflow.ts'
import { type Failure, usage } from '../platform/failure.ts'
import { fail, ok, type Result } from '../platform/result.ts'

export interface SettingDefinition {
  readonly name: string
  readonly description: string
  /** The first that is set counts. */
  readonly env: readonly string[]
  /** Empty: what the description says. */
  readonly default: string
  /** True: the value may hold a password, which is not shown. */
  readonly secret?: true
  /** What a value must look like, in words, and the test. */
  readonly form?: { readonly words: string; readonly test: { test(text: string): boolean } }
}

export interface Setting {
  readonly definition: SettingDefinition
  readonly value: string
  readonly source: ValueSource
  /** The environment variable that gave the value. */
  readonly variable?: string
  /** Written in k8s-ha.yaml, where it does not count. */
  readonly ignored?: string
}

const count = { words: 'a whole number from 1', test: /^[1-9]\d{0,5}$/ }
const remote = {
  words: remoteAddressForms,
  test: { test: (text: string) => parseRemoteAddress(text, '/') !== undefined },
}
const policy = { words: 'read-only or read-write', test: /^read-(only|write)$/ }
const namespace = { words: 'a name of letters, digits, "_" and "-"', test: /^[\w-]{1,64}$/ }
const size = { words: 'a size like 500MiB or 20GiB, or 0 for no limit', test: /^\d+(\.\d+)?\s*([KMGT]i?B?|B)?$/i }

export const settingDefinitions: readonly SettingDefinition[] = [
  { name: 'driver', description: 'what makes the VMs', env: ['K8S_HA_DRIVER'], default: defaultDriver },
  {
    name: 'patience',
    description:
      'how many times longer than usual clusters may take to boot and become ready; auto: as this machine needs',
    env: ['K8S_HA_PATIENCE'],
    default: 'auto',
    form: patienceForm,
  },
  {
    name: 'not-judged',
    description: 'what a run comes to when a scenario could not be judged: fail (exit code 1) or pass',
    env: ['K8S_HA_NOT_JUDGED'],
    default: 'fail',
    form: { words: 'fail or pass', test: /^(fail|pass)$/ },
  },
  { name: 'cacheDir', description: 'where results and logs are kept', env: ['K8S_HA_CACHE_DIR'], default: '' },
  {
    name: 'cache.maxSize',
    description: 'size of the results that a run leaves',
    env: ['K8S_HA_CACHE_MAX_SIZE'],
    default: '20GiB',
    form: size,
  },
  {
    name: 'cache.remote',
    description: 'a cache shared with others: redis://…, postgres://… or a folder',
    env: ['K8S_HA_CACHE_REMOTE'],
    default: '',
    form: remote,
    secret: true,
  },
  {
    name: 'cache.remote-policy',
    description: 'read-only, or read-write to upload what runs here made',
    env: ['K8S_HA_CACHE_REMOTE_POLICY'],
    default: 'read-only',
    form: policy,
  },
  {
    name: 'cache.remote-namespace',
    description: 'part of the shared cache; one for each level of trust',
    env: ['K8S_HA_CACHE_REMOTE_NAMESPACE'],
    default: 'default',
    form: namespace,
  },
  {
    name: 'archive',
    description: 'folder of downloaded files, then ~/Downloads',
    env: ['K8S_HA_ARCHIVE', 'ARCHIVE'],
    default: '',
  },
  {
    name: 'concurrency',
    description: 'tasks at a time; else one per core',
    env: ['K8S_HA_CONCURRENCY'],
    default: '',
    form: count,
  },
  {
    name: 'seed',
    description: 'what scenarios draw at random; else another each time',
    env: ['K8S_HA_SEED'],
    default: '',
    form: { words: 'a whole number of at most 9 digits', test: /^\d{1,9}$/ },
  },
]

/** Sizes of pools may be set for any pool that workflows use. */
const poolSetting = /^pools\.[A-Za-z][\w-]*$/

/** By name; a failure names the first value that does not fit, and where it came from. */
export function resolveSettings(givers: Givers): Result<ReadonlyMap<string, Setting>> {
  const settings = new Map<string, Setting>()
  for (const definition of [...settingDefinitions, ...extraPools(givers)]) {
    const setting = resolve(definition, givers)
    const { form } = definition
    if (form && setting.value !== '' && !form.test.test(setting.value)) return fail(misfit(setting, form.words))
    settings.set(definition.name, setting)
  }
  return ok(withUsersRemote(settings))
}

/** An address that came from the user is used as the user says: the project neither uploads to it nor chooses a part. */
function withUsersRemote(settings: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  if (!isUsers(settings.get('cache.remote'))) return settings
  const ownWay = [...settings].map(([name, setting]) => {
    const { definition, value, source } = setting
    const isProjects = name.startsWith('cache.remote-') && source === 'project'
    if (!isProjects) return [name, setting] as const
    const byDefault = { definition, value: definition.default, source: 'default' } as const
    return [name, value === definition.default ? byDefault : { ...byDefault, ignored: value }] as const
  })
  return new Map(ownWay)
}

/** Whether the user gave it, and not a file of the project. */
export const isUsers = (setting: Setting | undefined): boolean =>
  setting?.source === 'set' || setting?.source === 'environment'

/** For the user, who may have expected otherwise. */
export const ignoredSettings = (settings: ReadonlyMap<string, Setting>): readonly string[] =>
  [...settings.values()].flatMap(({ definition: { name, env }, ignored }) =>
    ignored === undefined
      ? []
      : [`${name}: ${ignored} of k8s-ha.yaml does not count, as the address is yours; ${env[0]} does`],
  )

/** Variables with passwords that are meant for the program alone. */
export function secretVariables(settings: ReadonlyMap<string, Setting>): readonly string[] {
  const own = settingDefinitions.flatMap(({ secret, env }) => (secret ? env : []))
  const address = settings.get('cache.remote')
  const isPostgres = isUsers(address) && /^postgres/.test(address?.value ?? '')
  return isPostgres ? [...own, 'PGPASSWORD', 'PGPASSFILE'] : own
}

/** The names that `--set` and k8s-ha.yaml may use, apart from a workflow's parameters. */
export const knownSettings = (givers: Givers): readonly string[] =>
  [...settingDefinitions, ...extraPools(givers)].map(definition => definition.name)

function extraPools({ set, projectSettings }: Givers): readonly SettingDefinition[] {
  const known = new Set(settingDefinitions.map(definition => definition.name))
  const names = [...(set?.keys() ?? []), ...(projectSettings?.keys() ?? [])].filter(
    name => poolSetting.test(name) && !known.has(name),
  )
  return [...new Set(names)].map(name => ({
    name,
    description: `size of the pool "${name.slice('pools.'.length)}"`,
    env: [],
    default: '1',
    form: count,
  }))
}

function resolve(definition: SettingDefinition, givers: Givers): Setting {
  const given = givenValue({ name: definition.name, variables: definition.env }, givers)
  if (given === undefined) return { definition, value: definition.default, source: 'default' }
  const { text, source, variable } = given
  return { definition, value: text, source, ...(variable === undefined ? {} : { variable }) }
}

/** Their values alone, by name. */
export const settingValues = (settings: ReadonlyMap<string, Setting>): ReadonlyMap<string, string> =>
  new Map([...settings].map(([name, { value }]) => [name, value]))

/** As it may be printed. */
export const shownValue = ({ definition, value }: Pick<Setting, 'definition' | 'value'>): string =>
  definition.secret ? withoutCredentials(value) : value

function misfit(setting: Setting, words: string): Failure {
  const origin = originOf(setting.source, setting.variable)
  return usage(
    `Cannot use "${shownValue(setting)}" as ${setting.definition.name}: it must be ${words} (from ${origin})`,
  )
}
