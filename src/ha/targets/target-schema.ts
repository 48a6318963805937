/** How a step names a VM. */
import * as v from 'valibot'
import { roles } from '../../cluster/spec.ts'
import type { Target } from './target.ts'

/** Who they are shows when the step begins. */
export const dynamicTargets = [
  'vip-owner',
  'vip-backup',
  'etcd-leader',
  'etcd-follower',
  'controller-manager-leader',
  'scheduler-leader',
  'stopped',
  'last',
] as const

const targetPattern = new RegExp(`^(each|${dynamicTargets.join('|')}|(${roles.join('|')}) [1-9][0-9]*)$`)

const isTarget = (target: Target): boolean =>
  typeof target === 'number' ? Number.isInteger(target) && target >= 1 : targetPattern.test(target)

const words = `a VM is a number, "<role> <n>" (${roles.join(', ')}), "each", ${dynamicTargets.map(one => `"${one}"`).join(', ')}`

export const targetSchema: v.GenericSchema<unknown, Target> = v.pipe(
  v.union([v.number(), v.string()], ({ input }) => `${JSON.stringify(input)} names no VM: ${words}`),
  v.check(isTarget, ({ input }) => `${JSON.stringify(input)} names no VM: ${words}`),
)
