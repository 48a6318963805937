/** Checks types and style of every source file. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const checks = [
  ['tsc', '--noEmit'],
  [
    'biome',
    'check',
    '--error-on-warnings',
    'src',
    'tasks',
    'tests',
    'bench',
    'scripts',
    'package.json',
    'tsconfig.json',
    'biome.json',
  ],
]

/** Prints a line per check, and what a failed one says. */
export async function checkSources(root: string): Promise<boolean> {
  const outcomes = await Promise.all(checks.map(argv => check(root, argv)))
  for (const { argv, output, passed } of outcomes)
    process.stdout.write(`${passed ? '✔' : '✖'} ${argv.join(' ')}\n${passed ? '' : output}`)
  return outcomes.every(({ passed }) => passed)
}

function check(root: string, argv: readonly string[]) {
  const [program = '', ...args] = argv
  // Both are programs for Node.js: run them on the one that is installed here.
  const child = spawn(process.execPath, [join(root, 'node_modules/.bin', program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => output.push(text))
  return new Promise<{ argv: readonly string[]; output: string; passed: boolean }>(resolve =>
    child.on('close', code => resolve({ argv, output: output.join(''), passed: code === 0 })),
  )
}
