/** The place of an output in the project: inside of it in truth, not only by its name. */
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { codeOf, makeFolder, temporaryName } from '../../platform/files.ts'
import { upwards } from '../workflow/project-path.ts'
import { removeFully } from './remove-fully.ts'

/** An output whose parent folder is a link that leads out of the project. */
export class OutsideProject extends Error {}

/** A new name beside an output, for what is still being made of it. */
export const unfinishedName = (): string => `.k8s-ha-${temporaryName()}.tmp`

/** Whether something on the path has such a name: it is part of no task's inputs. */
export const isUnfinished = (path: string): boolean => /(^|\/)\.k8s-ha-[^/]*\.tmp(\/|$)/.test(path)

/** Removes what is at an output, and makes its parent folder. */
export function clearOutput(projectDir: string, output: string): void {
  makeParent(projectDir, output)
  removeFully(join(projectDir, output))
}

export function makeParent(projectDir: string, output: string): void {
  if (isPlain(projectDir, dirname(output))) return
  const parent = dirname(join(projectDir, output))
  checkInside(projectDir, nearestExisting(parent), output)
  makeFolder(parent)
  checkInside(projectDir, parent, output)
}

/** What a task made may lie elsewhere by now: behind a link that it put in the place of a folder. */
export function whyOutside(projectDir: string, output: string): string | undefined {
  if (isPlain(projectDir, dirname(output))) return undefined
  try {
    checkInside(projectDir, nearestExisting(dirname(join(projectDir, output))), output)
    return undefined
  } catch (error) {
    if (error instanceof OutsideProject) return error.message
    throw error
  }
}

/** The usual case, for which no path need be resolved: folders all the way, no link among them. */
function isPlain(projectDir: string, folder: string): boolean {
  return [...upwards(folder)].every(at => lstatSync(join(projectDir, at), { throwIfNoEntry: false })?.isDirectory())
}

function checkInside(projectDir: string, folder: string, output: string): void {
  const inside = relative(realpathSync.native(projectDir), realpathSync.native(folder))
  if (inside === '..' || inside.startsWith(`..${sep}`))
    throw new OutsideProject(
      `output "${output}" would lie outside the project: "${relative(projectDir, folder)}" leads to ${realpathSync.native(folder)}`,
    )
}

function nearestExisting(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    try {
      realpathSync.native(at)
      return at
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || at === dirname(at)) throw error
    }
  }
}
