import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { minimalEnv } from '../../src/platform/processes/process.ts'
import { runsInShell } from '../../src/platform/processes/shell-script.ts'
import { Shells } from '../../src/platform/processes/shells.ts'

const home = mkdtempSync(join(tmpdir(), 'k8s-ha-home-'))
writeFileSync(join(home, '.bashrc'), 'polluted=1; export POLLUTED=1\n')
const shells = new Shells(tmpdir(), { ...minimalEnv(), HOME: home })
after(() => {
  shells.close()
  rmSync(home, { recursive: true })
})

interface Ran {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly problem: string | undefined
}

async function run(script: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Ran> {
  const text = { stdout: '', stderr: '' }
  const result = await shells.run(script, {
    name: 'the script',
    graceMs: 200,
    ...more,
    onBytes: (bytes, stream) => {
      text[stream] += Buffer.from(bytes).toString('utf8')
    },
  })
  return result.ok
    ? { ...text, exitCode: result.value.exitCode, problem: undefined }
    : { ...text, exitCode: undefined, problem: result.failure.message }
}

describe('a script in a waiting shell', () => {
  test('runs as bash -euo pipefail would run it, its streams apart', async () => {
    assert.deepEqual(await run('echo out; echo err >&2; exit 7'), {
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
      problem: undefined,
    })
    assert.equal((await run('false; echo not reached')).stdout, '')
    assert.equal((await run('false | true')).exitCode, 1)
    assert.match((await run('true\necho "$nowhere"')).stderr, /line 2: nowhere: unbound variable/)
    assert.equal((await run('cat')).exitCode, 0, 'stdin is empty')
  })

  test('knows nothing of the user’s own settings of bash', async () => {
    assert.equal((await run('compgen -v | grep -i polluted || echo clean')).stdout, 'clean\n')
  })

  test('leaves nothing to the next: no variable, folder, option or trap', async () => {
    const before = await run('compgen -v | sort; shopt; set +o; pwd; umask')
    await run('mine=1; export TMPDIR=/nowhere; cd /; umask 077; set +e; shopt -s nullglob; trap "echo trapped" EXIT')
    assert.deepEqual(await run('compgen -v | sort; shopt; set +o; pwd; umask'), before)
  })

  test('prints any amount of anything', async () => {
    const { stdout } = await run('head -c 3000000 /dev/zero | tr "\\0" x; printf "\\0a\\0"; printf "\\xc3\\xa4 no end"')
    assert.equal(stdout.length, 3_000_000 + 3 + 8)
    assert.ok(stdout.endsWith('x\0a\0ä no end'))
  })

  test('many at once and one after the other keep their output apart', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, at) => run(`echo ${at}; echo ${at} >&2; exit ${at}`)))
    assert.deepEqual(
      all.map(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr]),
      all.map((_, at) => [at, `${at}\n`, `${at}\n`]),
    )
  })

  test('ends with all of its group', async () => {
    const { stdout, exitCode } = await run('sleep 1000 & echo "$!"')
    assert.equal(exitCode, 0)
    assert.equal(existsSync(`/proc/${stdout.trim()}/fd/0`), false)
  })

  test('is ended when its time is over, and when it is aborted', async () => {
    assert.match((await run('trap "" TERM; sleep 1000', { timeoutMs: 50 })).problem ?? '', /still running after 50 ms/)
    assert.equal((await run('sleep 1000', { signal: AbortSignal.abort() })).problem, 'Interrupted: the script')
  })

  test('fails when its shell is killed, and the next gets another', async () => {
    const killShell = `sh -c 'kill -9 $(cut -d" " -f4 /proc/$PPID/stat)'; sleep 1000`
    assert.match((await run(killShell)).problem ?? '', /bash ended by SIGKILL/)
    assert.equal((await run('echo fine')).stdout, 'fine\n')
  })

  test('does not meet a shell that was killed while it waited', async () => {
    const shell = Number((await run(`sh -c 'cut -d" " -f4 /proc/$PPID/stat'`)).stdout)
    process.kill(shell, 'SIGKILL')
    while (existsSync(`/proc/${shell}`)) await new Promise(setImmediate)
    assert.equal((await run('echo fine')).stdout, 'fine\n')
  })

  test('is not for what asks for its process, nor for what is not ASCII', () => {
    assert.equal(runsInShell('cat in > out'), true)
    for (const script of ['echo $$', 'echo $BASHPID', 'echo ä', 'a\0b'])
      assert.equal(runsInShell(script), false, script)
  })
})
