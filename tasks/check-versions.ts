/** Task type: refuses two versions between which a cluster cannot go, before either is fetched. */
import * as v from 'valibot'
import { defineTaskType, type OptionProblem } from '../src/engine/workflow/task-type.ts'
import { ok } from '../src/platform/result.ts'
import { products } from './programs/products.ts'
import { pairProblem } from './upgrade/pair-problem.ts'
import { versionIn } from './upgrade/version-in.ts'

const pair = v.strictObject({
  /** A version, or the folder of own programs. */
  from: v.string(),
  to: v.string(),
  apart: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
})
const schema = v.strictObject({ kubernetes: v.optional(pair), etcd: v.optional(pair) })

const names = ['kubernetes', 'etcd'] as const

export default defineTaskType({
  name: 'check-versions',
  description: 'refuses two versions between which a cluster cannot go',
  schema,

  async check({ with: pairs, projectDir }) {
    const problems: OptionProblem[] = []
    for (const name of names) {
      const given = pairs[name]
      const problem = given && (await problemOf(name, given, projectDir))
      if (problem !== undefined) problems.push({ path: [name, 'to'], message: problem })
    }
    return problems
  },

  async run({ with: pairs }) {
    const notes = names.flatMap(name => {
      const { from, to } = pairs[name] ?? {}
      return from === undefined ? [] : [`${products[name].name} ${from} and ${to}`]
    })
    return ok(notes.join(', '))
  },
})

/** Undefined also where a version shows only later: "image", and own programs that do not say it. */
async function problemOf(name: (typeof names)[number], given: v.InferOutput<typeof pair>, projectDir: string) {
  const [from, to] = [await versionIn(name, given.from, projectDir), await versionIn(name, given.to, projectDir)]
  return from === undefined || to === undefined ? undefined : pairProblem(products[name], { ...given, from, to })
}
