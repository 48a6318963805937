/** A folder of image archives that are loaded into containerd of every node. */
import { join } from 'node:path'
import type { OptionProblem } from '../../src/engine/workflow/task-type.ts'
import { filesOf, orRefusal } from './folder-files.ts'
import { readImageArchive } from './image-archive.ts'

export interface ImageFolder {
  /** File name → the full names of its images. */
  readonly archives: ReadonlyMap<string, readonly string[]>
  readonly problems: readonly Omit<OptionProblem, 'path'>[]
}

/** Undefined when there is no such folder. `shown`: how messages call it. */
export async function readImageFolder(folder: string, shown: string): Promise<ImageFolder | undefined> {
  const files = await filesOf(folder)
  if (files === undefined) return undefined
  const archives = new Map<string, readonly string[]>()
  const problems: Omit<OptionProblem, 'path'>[] = []
  for (const file of files) {
    const read = await orRefusal(readImageArchive(join(folder, file)))
    if ('names' in read) archives.set(file, read.names)
    else
      problems.push({
        message: `Cannot load the images of "${join(shown, file)}": ${read.problem}`,
        try:
          ('try' in read ? read.try : undefined) ?? 'keep nothing but image archives there, as docker save makes them',
      })
  }
  return { archives, problems }
}
