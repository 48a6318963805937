/** Lets a check look at a world once, and says what it saw. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'valibot'
import type { ClusterSettings } from '../../src/cluster/build-spec.ts'
import { checks } from '../../src/ha/checks/checks.ts'
import type { WritesSince } from '../../src/ha/probes/probe-findings.ts'
import { World } from './world/world.ts'

export interface Look {
  readonly options?: object
  readonly settings?: Partial<ClusterSettings>
  readonly writes?: WritesSince
  /** What is done to a healthy world before. */
  readonly when?: (world: World) => unknown
  readonly holds: boolean
  readonly sees: RegExp
}

export const looks = (check: string, claim: string, { options = {}, settings, writes, when, holds, sees }: Look) =>
  test(`${check} ${claim}`, async context => {
    const world = await World.make(context, settings)
    await when?.(world)
    const { signal, cluster } = world
    const { schema, observe } = checks[check] ?? assert.fail(`there is no check ${check}`)
    const asked = { cluster, signal, since: world.clock.now() - 1_000, writes }
    const observation = await observe(asked, parse(schema, options))
    assert.match(observation.seen, sees)
    assert.equal(observation.holds, holds, observation.seen)
  })

/** Of a program that hangs: whoever waits for it does so until its time is over. */
export const hangs = (program: string) => (world: World) =>
  world.driver.programs.set(program, () => new Promise(() => {}))

/** Stops these VMs: their state says so, and they are silent. */
export const stops =
  (...ids: readonly number[]) =>
  (world: World) =>
    Promise.all(ids.map(id => world.vm(id).stop()))

export const isolates = (id: number) => (world: World) => world.vm(id).isolate({ direction: 'both' })
