/** Task type: a cluster's certificate authorities, certificates and keys, as a folder of PEM files. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { clusterSchema, specOf } from '../src/cluster/cluster-settings.ts'
import { issuePki } from '../src/cluster/pki/issue-pki.ts'
import { certificateLifeDays, isSecret } from '../src/cluster/pki/pki.ts'
import { defineTaskType } from '../src/engine/workflow/task-type.ts'
import { now } from '../src/platform/clock.ts'
import { usage } from '../src/platform/failure.ts'
import { fail, ok } from '../src/platform/result.ts'

export default defineTaskType({
  name: 'make-pki',
  description: "a cluster's certificates and keys",
  schema: v.strictObject({ cluster: clusterSchema }),
  secret: true,
  async run(context) {
    const [folder] = context.outputs
    if (folder === undefined) return fail(usage('The task type "make-pki" needs one output: the folder to make'))
    // The serving certificate names the load balancers' own addresses too, so it serves without keepalived as well.
    const spec = specOf(context.with.cluster, { keepalived: true })
    if (!spec.ok) return spec
    const pki = await issuePki(spec.value, now())
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o700)
    for (const [name, text] of pki) await writeFile(join(folder, name), text, { mode: isSecret(name) ? 0o600 : 0o644 })
    const certificates = [...pki.keys()].filter(name => name.endsWith('.crt')).length
    return ok(`${certificates} certificates, valid for ${certificateLifeDays} days`)
  },
})
