/** What a task that gets programs is given. */
import * as v from 'valibot'

export const fetchWith = v.strictObject({
  product: v.picklist(['kubernetes', 'etcd']),
  /** A version, a folder with own programs, "default", or for what the VM image has, "image". */
  version: v.string(),
  /** The parameter of the workflow that chooses the version, where it is not named after the product. */
  parameter: v.optional(v.string()),
  /** The version of Kubernetes, or the folder with its programs, which decides what "default" means for another product. */
  kubernetes: v.optional(v.string()),
  /** Where official programs are. */
  url: v.string(),
  /** The folder with the pinned Go modules of each minor version, from the project's folder; default: the program's. */
  modules: v.optional(v.string()),
})
