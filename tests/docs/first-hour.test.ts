/** Every command of docs/first-hour.md is run, in an empty folder, and prints what stands there. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sleep } from '../../src/platform/clock.ts'
import { launcher } from '../cli/run.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/first-hour.md'), 'utf8')

interface Step {
  readonly command: string
  readonly prints: string
}

const blocks = [...page.matchAll(/^```(console|watch)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}))

/** From one line that starts so to the next. */
function steps(text: string, start: string): readonly Step[] {
  return text
    .split(start)
    .slice(1)
    .map(part => {
      const end = `${part}\n`.indexOf('\n')
      return { command: part.slice(0, end), prints: part.slice(end + 1) }
    })
}

/** Times and names of runs differ. */
const steady = (text: string, folder: string): string =>
  text
    .replaceAll(folder, '$PWD')
    .replaceAll(/ +\d+(\.\d+)? m?s\b/g, ' TIME')
    .replaceAll(/\d{8}-\d{6}(-\d+)?/g, 'RUN')
    .trimEnd()

test('what the page shows is what happens', async context => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'k8s-ha-first-hour-')))
  context.after(() => rmSync(root, { recursive: true, force: true }))
  const cwd = join(root, 'new')
  for (const folder of [cwd, join(root, 'bin')]) mkdirSync(folder)
  symlinkSync(launcher, join(root, 'bin/k8s-ha'))
  const env = { PATH: `${root}/bin:${process.env.PATH}`, HOME: root, LANG: 'C.UTF-8' }
  // What it prints when it is built is not on the page.
  execFileSync(launcher, ['--version'], { env, stdio: 'ignore' })
  assert.ok(blocks.length > 5)
  for (const { kind, text } of blocks) {
    if (kind === 'watch') await watch(text, { cwd, env })
    else
      for (const { command, prints } of steps(`\n${text}`, '\n$ ')) {
        const { stdout } = spawnSync('bash', ['-c', `{ ${command}\n} 2>&1`], { cwd, env, encoding: 'utf8' })
        assert.equal(steady(stdout, cwd), steady(prints, cwd), command)
      }
  }
})

interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

async function watch(text: string, place: Place): Promise<void> {
  const [first = '', ...others] = text.split('# in another terminal: ')
  const [started] = steps(first, '$ ')
  const child = spawn('bash', ['-c', `exec ${started?.command} 2>&1`], {
    ...place,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    seen += piece
  })
  let expected = started?.prints ?? ''
  const shown = async () => {
    while (seen.split('\n').length < expected.split('\n').length) await sleep(20)
    assert.equal(steady(seen, place.cwd), steady(expected, place.cwd))
  }
  try {
    await shown()
    for (const other of others) {
      const end = other.indexOf('\n')
      execFileSync('bash', ['-c', other.slice(0, end)], place)
      expected += other.slice(end + 1)
      await shown()
    }
  } finally {
    child.kill('SIGINT')
  }
}
