/** Makes what all clusters need, once and before the first of them, so that no test's time has a compiler's in it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

const builds = ['etcd', 'image', 'kubernetes', 'make-overlay']

/** Passes on what the flow prints; returns whether it passed. */
export async function* makeBuilds(root: string): AsyncGenerator<TestEvent, boolean> {
  const argv = ['flow', 'start', ...builds.flatMap(task => ['--only', task])]
  const child = spawn(join(root, 'k8s-ha'), argv, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = new Promise<number | null>(resolve => child.on('close', resolve))
  for await (const text of child.stdout.setEncoding('utf8')) yield say(text)
  return (await closed) === 0
}

/** A line among the tests' results. */
export const say = (message: string): TestEvent => ({ type: 'test:stdout', data: { message, file: '' } })
