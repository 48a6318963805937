/** Removes what lies at a path, or says which part of it the system does not let go. */
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs'
import { namesIn, systemPath } from '../../platform/file-names.ts'
import { removeTree } from '../../platform/files.ts'
import { isSystemError } from '../../platform/system-error.ts'

/** As removeTree, whose errors may lack their code and their place: of a mount below the path, for one. */
export function removeFully(path: string): void {
  try {
    removeTree(path)
  } catch (error) {
    if (isSystemError(error)) throw error
    removeEach(path)
  }
}

function removeEach(path: string): void {
  const stat = lstatSync(systemPath(path), { throwIfNoEntry: false })
  if (!stat) return
  if (stat.isDirectory()) {
    for (const name of namesIn(path)) removeEach(`${path}/${name}`)
    rmdirSync(systemPath(path))
  } else unlinkSync(systemPath(path))
}
