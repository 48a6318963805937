/** Other users' messages show what runs, and no argument of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownCommand } from '../../src/platform/shown-command.ts'

const k8sHa = ['/opt/k8s-ha/node_modules/.bin/node', '--max-semi-space-size=8', '/opt/k8s-ha/dist/current/main.js']

for (const [argv, shown] of [
  [[...k8sHa, 'flow', 'test-ipv6'], 'k8s-ha flow test-ipv6'],
  [[...k8sHa, 'flow', 'a', 'b.yaml', '--set', 'cache.remote=redis://:hush@x'], 'k8s-ha flow a b.yaml'],
  [[...k8sHa, 'flow', '/home/me/web.yaml', 'token=hush', 'c'], 'k8s-ha flow web.yaml'],
  [[...k8sHa, 'flow', 'a', '--', 'hush'], 'k8s-ha flow a'],
  [[...k8sHa, 'flow', '--set', 'token', 'hush'], 'k8s-ha flow'],
  [[...k8sHa, 'cache', 'prune', 'hush'], 'k8s-ha cache'],
  [[...k8sHa, '--project', 'hush'], 'k8s-ha'],
  [['node', 'tests/run-once.ts', '{"token":"hush"}'], 'node run-once.ts'],
  [['node', '-e', 'hush()'], 'node'],
  [['psql', 'postgres://hush@x'], 'psql'],
  [[''], undefined],
] as const)
  test(`of "${argv.slice(argv.length > 3 ? 3 : 0).join(' ')}" is shown: ${shown}`, () => {
    assert.equal(shownCommand([...argv, '']), shown)
  })
