/** What other tools call a key of a workflow file: who knows them writes it here, too. */

type Level = 'workflow' | 'task' | 'param'

const synonyms: Readonly<Record<Level, Readonly<Record<string, readonly string[]>>>> = {
  workflow: {
    description: ['desc', 'name', 'title', 'summary'],
    params: ['parameters', 'vars', 'variables', 'options', 'inputs'],
    tasks: ['jobs', 'targets', 'steps', 'scripts', 'recipes', 'commands', 'pipeline'],
    include: ['includes', 'extends', 'imports', 'import'],
  },
  task: {
    description: ['desc', 'summary', 'doc'],
    run: ['cmd', 'cmds', 'command', 'commands', 'script', 'scripts', 'exec', 'shell', 'steps'],
    uses: ['type', 'executor', 'plugin'],
    with: ['options', 'config'],
    needs: ['deps', 'dependsOn', 'depends_on', 'depends-on', 'dependencies', 'requires', 'after', 'wants'],
    inputs: ['sources', 'source', 'srcs', 'src', 'files', 'input', 'in', 'watch'],
    outputs: ['generates', 'output', 'outs', 'out', 'targets', 'target', 'produces', 'artifacts', 'outDir'],
    env: ['envs', 'environment', 'environ', 'passThroughEnv', 'passthrough'],
    dotenv: ['envFile', 'env_file', 'envfile', 'env-file', 'env_files', 'envFiles'],
    fingerprint: ['status', 'hash', 'checksum', 'preconditions'],
    cache: ['cached', 'caching'],
    dir: ['cwd', 'workdir', 'working-directory', 'workingDirectory', 'working_directory', 'directory', 'chdir'],
    args: ['arguments', 'cli_args', 'passArgs'],
    interactive: ['tty', 'terminal', 'stdin', 'persistent'],
    timeout: ['timeoutMinutes', 'timeout-minutes', 'time_limit', 'deadline'],
    retries: ['retry', 'attempts'],
    matrix: ['strategy', 'for', 'foreach'],
    resources: ['pools', 'limits'],
    sandbox: ['container', 'image', 'chroot'],
    when: ['if', 'condition', 'only', 'rules'],
    always: ['finally', 'run_always', 'defer'],
  },
  param: {
    description: ['desc', 'help', 'doc'],
    default: ['value', 'defaultValue'],
    enum: ['options', 'choices', 'values', 'allowed', 'oneOf'],
    env: ['variable', 'environment', 'envVar'],
  },
}

/** The key that is meant by one of another tool. */
export function synonymOf(key: string, path: readonly (string | number)[]): string | undefined {
  const level: Level = path.length === 0 ? 'workflow' : path[0] === 'params' ? 'param' : 'task'
  if (path.length > 2) return undefined
  return Object.entries(synonyms[level]).find(([, others]) =>
    others.some(other => other.toLowerCase() === key.toLowerCase()),
  )?.[0]
}
