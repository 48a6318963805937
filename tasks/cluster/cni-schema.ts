/** The parameter `cni`: one of the CNIs that are built in, or a folder with another. */
import * as v from 'valibot'
import { cniNames, defaultCni } from '../../src/cluster/cni/choose-cni.ts'
import { isCniFolder } from '../../src/cluster/cni/folder-cni.ts'

export const cniSchema = v.optional(
  v.pipe(
    v.string(),
    v.check(
      name => cniNames.includes(name) || isCniFolder(name),
      issue => `there is no CNI "${issue.input}": ${cniNames.join(', ')}, or a folder (/… or ./…), see docs/cni.md`,
    ),
  ),
  defaultCni,
)
