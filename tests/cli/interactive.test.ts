/** interactive: a task has the terminal; nothing else is drawn meanwhile, and Ctrl-C is its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { makeProject } from './project.ts'
import { launcher, run, userEnv } from './run.ts'

const files = {
  'workflows/ask.yaml': `
tasks:
  ask:
    interactive: true
    run: |
      trapped=
      trap 'trapped=yes; echo trapped' INT
      # Until the other has left the terminal's process group, Ctrl-C would end it, too.
      until test -e began; do sleep 0.05; done
      test -t 0 && test -t 1 && test -t 2 && echo "a terminal"
      # Not by read: a signal just before it waits for the next line.
      until test "$trapped"; do sleep 0.05 || true; done
      read -r answer
      echo "answer $answer" > answer
  other: { run: "touch began; for i in 1 2 3; do echo other $i; done", cache: false }
`,
}

test('a task asks on the terminal, and gets the answer; a Ctrl-C meanwhile is its own', async context => {
  const cwd = makeProject(context, files)
  // A shell that stayed would get the Ctrl-C as well, and end by it.
  const argv = ['-qec', `exec ${launcher} flow ask -v`, '/dev/null']
  const child = spawn('script', argv, {
    cwd,
    env: { ...userEnv(), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  const shows = (text: string) =>
    new Promise<void>(resolve => {
      const look = () => screen.includes(text) && resolve()
      child.stdout.on('data', look)
      look()
    })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
  })
  await shows('a terminal')
  child.stdin.write('\x03')
  await shows('trapped')
  child.stdin.write('yes\n')
  const [code] = await once(child, 'close')
  assert.equal(code, 0, screen)
  assert.match(screen, /2 executed/)
  const asking = screen.slice(screen.indexOf('a terminal'), screen.indexOf('trapped'))
  assert.doesNotMatch(asking, /other|●/)
})

test('without a terminal it is refused before anything runs', async context => {
  const cwd = makeProject(context, files)
  const { code, stderr } = await run(['flow', 'ask'], { cwd })
  assert.equal(code, 3)
  assert.match(stderr, /^error: Task "ask" wants a terminal, and there is none\n/m)
})
