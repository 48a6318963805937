/** A cluster with a CNI of the user's: its start says beforehand what it lacks for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { cniProblems } from '../../tasks/cluster/cni-problems.ts'
import { startWith } from '../../tasks/cluster/start-with.ts'

const steps = [{ check: 'vms-answer' }, { do: 'install-cni' }, { check: 'nodes-ready' }]

interface Start {
  readonly cni?: string
  readonly layers?: readonly string[]
  readonly steps?: readonly object[]
  readonly roles?: readonly string[]
}

function problems({ cni = './my-cni', layers = ['node-files', 'image'], ...more }: Start) {
  const cluster = { family: 'IPv4', etcd_vms: '193', lb_vms: '191', masters: '1', nvm: '2' }
  const start = { cluster: 'mine', overlay: 'overlay', layers, steps, ...more }
  const task = (name: string, type: string, options: object) => ({ name, type, with: options, needs: [], outputs: [] })
  const planned = [
    task('overlay', 'make-overlay', { cluster, cni, pki: 'pki' }),
    task('node-files', 'make-node-files', { cni }),
    task('start', 'start-cluster', start),
  ]
  const found = cniProblems({ with: v.parse(startWith, start), projectDir: '/', settings: new Map(), planned })
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('a start with everything', () => assert.deepEqual(problems({}), []))

test('a CNI that nodes do not get', () =>
  assert.deepEqual(problems({ layers: ['image'] }), [
    'layers: The nodes of cluster "mine" do not get the CNI "./my-cni"',
  ]))

test('nodes that are waited for before the CNI is installed, or without it', () => {
  const said = 'No node is Ready before the CNI "./my-cni" is installed'
  assert.deepEqual(problems({ steps: steps.toReversed() }), [`steps.0: ${said}`])
  assert.deepEqual(problems({ steps: [{ check: 'vms-answer' }, { check: 'nodes-ready' }] }), [`steps.1: ${said}`])
  assert.deepEqual(problems({ steps: [{ check: 'vms-answer' }] }), [])
})

test('a CNI that is built in, or a cluster without nodes, needs neither', () => {
  const nothing = { layers: ['image'], steps: [{ check: 'nodes-ready' }] }
  assert.deepEqual(problems({ ...nothing, cni: 'ptp' }), [])
  assert.deepEqual(problems({ ...nothing, roles: ['etcd'] }), [])
})
