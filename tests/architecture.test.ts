/** The rules of docs/architecture.md that a machine can check: who imports whom, type imports included. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { parseSync } from 'rolldown/utils'
import { taskTypes } from '../tasks/registry.ts'

const root = join(import.meta.dirname, '..')
const files = globSync(['src/**/*.ts', 'tasks/**/*.ts'], { cwd: root }).sort()

interface Import {
  readonly specifier: string
  /** Relative to the root; undefined for packages and Node's own modules. */
  readonly file: string | undefined
}

const importsOf = new Map(files.map(file => [file, readImports(file)]))

function readImports(file: string): readonly Import[] {
  const { module, errors } = parseSync(file, readFileSync(join(root, file), 'utf8'))
  assert.deepEqual(errors, [], file)
  const requests = [
    ...module.staticImports.map(one => one.moduleRequest.value),
    ...module.staticExports.flatMap(one => one.entries.flatMap(entry => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(one => dynamicSpecifier(file, one.moduleRequest)),
  ]
  return [...new Set(requests)].map(specifier => ({
    specifier,
    file: specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : undefined,
  }))
}

function dynamicSpecifier(file: string, { start, end }: { readonly start: number; readonly end: number }): string {
  const text = readFileSync(join(root, file), 'utf8').slice(start, end)
  const [, specifier] = /^'([^']+)'$/.exec(text) ?? []
  assert.ok(specifier, `${file} imports a computed name: ${text}`)
  return specifier
}

const packageOf = (specifier: string): string | undefined => {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Folder → what it may import, as beginnings of paths. Its own folder is always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/platform/': [],
  'src/text/': ['src/platform/'],
  'src/engine/': ['src/platform/', 'src/text/'],
  'src/report/': [
    'src/engine/events.ts',
    'src/engine/event-log.ts',
    'src/engine/workflow/workflow.ts',
    'src/platform/',
    'src/ha/record/',
    'src/cluster/spec.ts',
    'src/cluster/timers.ts',
  ],
  'src/sandbox/': ['src/platform/'],
  'src/cluster/': ['src/platform/'],
  'src/drivers/': ['src/platform/', 'src/cluster/'],
  'src/ha/': ['src/platform/', 'src/text/', 'src/cluster/', 'src/drivers/driver.ts'],
  'src/lifecycle/': ['src/platform/', 'src/cluster/', 'src/drivers/', 'src/ha/'],
  'tasks/': [
    'src/platform/',
    'src/text/',
    'src/engine/',
    'src/report/',
    'src/sandbox/',
    'src/cluster/',
    'src/drivers/',
    'src/ha/',
    'src/lifecycle/',
  ],
  'src/cli/': ['src/', 'tasks/'],
}

/** Parts of a folder in their order: each imports only what stands before it. */
const orders: Readonly<Record<string, readonly string[]>> = {
  'src/engine/': [
    'workflow/',
    'files/',
    'store/',
    'remote/',
    'events.ts',
    'event-log.ts',
    'sandbox-runner.ts',
    'project.ts',
    'load/',
    'runners/',
    'plan/',
    'run-options.ts',
    'execute/',
    '', // the doors: run a flow, say why, what to watch, see to the cache
  ],
  'src/ha/': [
    'record/',
    'ask/',
    'targets/',
    'faults/',
    'probes/',
    'actions/',
    'checks/',
    'verdict/',
    'logs/',
    'scenario/',
  ],
}

test('every source file lies in a folder that has import rules', () => {
  const homeless = files.filter(file => !Object.keys(allowed).some(folder => file.startsWith(folder)))
  assert.deepEqual(homeless, [])
})

test('folders import only what the architecture allows', () => {
  const wrong = Object.entries(allowed).flatMap(([folder, others]) =>
    files
      .filter(file => file.startsWith(folder))
      .flatMap(file =>
        (importsOf.get(file) ?? [])
          .filter(one => one.file !== undefined && ![folder, ...others].some(start => one.file?.startsWith(start)))
          .map(one => `${file} imports ${one.file}`),
      ),
  )
  assert.deepEqual(wrong, [])
})

test('within a folder, each part imports only the parts before it', () => {
  const wrong = Object.entries(orders).flatMap(([folder, parts]) => {
    const partOf = (file: string | undefined) =>
      file?.startsWith(folder) ? parts.findIndex(part => file.startsWith(`${folder}${part}`)) : undefined
    return files.flatMap(file => {
      const part = partOf(file)
      if (part === undefined) return []
      if (part === -1) return [`${file} has no place in the order`]
      const later = (importsOf.get(file) ?? []).filter(one => (partOf(one.file) ?? -1) > part)
      return later.map(one => `${file} imports ${one.file}`)
    })
  })
  assert.deepEqual(wrong, [])
})

test('no folder of src has more than twenty files beside its sub-folders', () => {
  const sizes = new Map<string, number>()
  for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1)
  assert.deepEqual(
    [...sizes].filter(([folder, size]) => folder.startsWith('src/') && size > 20),
    [],
  )
})

test('no driver imports another', () => {
  const driverOf = (file: string | undefined) => /^src\/drivers\/([^/]+)\//.exec(file ?? '')?.[1]
  const wrong = files.flatMap(file => {
    const driver = driverOf(file)
    if (driver === undefined) return []
    const others = (importsOf.get(file) ?? []).filter(one => (driverOf(one.file) ?? driver) !== driver)
    return others.map(one => `${file} imports ${one.file}`)
  })
  assert.deepEqual(wrong, [])
})

test('nothing but the drivers and the choice among them knows a driver by its name', () => {
  const names = files.flatMap(file => /^src\/drivers\/([^/]+)\//.exec(file)?.[1] ?? [])
  const any = [...new Set(names)].join('|')
  const pattern = new RegExp(`['"\`](${any})['"\`]|drivers/(${any})/`)
  const others = files.filter(file => !file.startsWith('src/drivers/'))
  assert.deepEqual(
    others.filter(file => pattern.test(readFileSync(join(root, file), 'utf8'))),
    [],
  )
})

test('every relative import names a file that exists', () => {
  const missing = files.flatMap(file =>
    (importsOf.get(file) ?? [])
      .filter(one => one.file !== undefined && !existsSync(join(root, one.file)))
      .map(one => `${file} imports ${one.file}`),
  )
  assert.deepEqual(missing, [])
})

test('there is no import cycle, not even of types', () => {
  assert.deepEqual(findCycle(), [])
})

/** The files of one cycle, the first again at the end; empty when there is none. */
function findCycle(): readonly string[] {
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (file: string): readonly string[] => {
    if (finished.has(file)) return []
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    path.push(file)
    for (const { file: imported } of importsOf.get(file) ?? []) {
      const cycle = imported === undefined ? [] : visit(imported)
      if (cycle.length > 0) return cycle
    }
    path.pop()
    finished.add(file)
    return []
  }
  for (const file of files) {
    const cycle = visit(file)
    if (cycle.length > 0) return cycle
  }
  return []
}

/** Libraries that one folder, or one file, stands for: everything else reaches them through it. */
const homes: Readonly<Record<string, { readonly folder: string; readonly files: number }>> = {
  '@keyv/redis': { folder: 'src/engine/', files: 1 },
  '@hpcc-js/wasm-graphviz': { folder: 'src/report/', files: 1 },
  commander: { folder: 'src/cli/', files: 1 },
  execa: { folder: 'src/platform/', files: 1 },
  graphology: { folder: 'src/engine/', files: 1 },
  'graphology-dag': { folder: 'src/engine/', files: 1 },
  keyv: { folder: 'src/engine/', files: 1 },
  pg: { folder: 'src/engine/', files: 1 },
  'p-queue': { folder: 'src/engine/', files: 1 },
}

test('each library has one importing place', () => {
  for (const [name, home] of Object.entries(homes)) {
    const users = files.filter(file => importsOf.get(file)?.some(one => packageOf(one.specifier) === name))
    assert.ok(users.length <= home.files, `${name} is imported by ${users.join(', ')}`)
    for (const user of users) assert.ok(user.startsWith(home.folder), `${user} imports ${name}`)
  }
})

test('every imported package is a dependency', () => {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const used = new Set([...importsOf.values()].flat().flatMap(one => packageOf(one.specifier) ?? []))
  const unknown = [...used].filter(name => !(name in manifest.dependencies))
  assert.deepEqual(unknown, [])
})

test('only the clock asks what time it is, and only main ends the process', () => {
  const users = (pattern: RegExp) => files.filter(file => pattern.test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(users(/\bDate\.now\(|\bnew Date\(\)/), ['src/platform/clock.ts'])
  // The probe agent is a program of its own.
  assert.deepEqual(users(/\bprocess\.exit\(/), ['src/cli/main.ts', 'src/ha/probes/agent/main.ts'])
})

test('every file says in its first line what it is responsible for', () => {
  const silent = files.filter(file => !readFileSync(join(root, file), 'utf8').startsWith('/**'))
  assert.deepEqual(silent, [])
})

test('a task type has the name of its file and of its entry in the registry', async () => {
  for (const [name, load] of Object.entries(taskTypes)) {
    assert.equal((await load()).default.name, name)
    assert.ok(existsSync(join(root, 'tasks', `${name}.ts`)), name)
  }
})

test('the lock file holds every optional package that another names: else npm ci refuses it', () => {
  interface Locked {
    readonly optionalDependencies?: Readonly<Record<string, string>>
  }
  const lock: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  const named = Object.values(lock.packages).flatMap(one => Object.keys(one.optionalDependencies ?? {}))
  const missing = named.filter(name => !(`node_modules/${name}` in lock.packages))
  assert.deepEqual(missing, [])
})
