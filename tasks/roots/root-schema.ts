/** What a root of Debian is made of, as workflows write it. */
import * as v from 'valibot'

const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.+-]*$/, 'a name in lower case'))

/** "trixie-backports" is trixie, with packages from its backports where trixie has none of that name. */
export const rootSchema = v.strictObject({ suite: name, packages: v.array(name) })
