/** Where a result is built before it is moved into place: folders from which a rename reaches that place. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, makeFolder, removeTree, temporaryName } from '../../platform/files.ts'
import { entriesOf } from '../../platform/folder-entries.ts'
import { unfinishedName } from '../files/output-place.ts'
import { projectStateDir, stageDir, temporaryDir } from './cache-layout.ts'

interface Folders {
  readonly projectDir: string
  readonly cacheDir: string
}

/** The stages of one restore. */
export class Stages {
  readonly #folders: Folders
  /** By the folder that the output lies in: folders of one project may be on different mounts. */
  readonly #byParent = new Map<string, string>()
  readonly #made: string[] = []
  readonly #notes: string[] = []
  #places = 0

  constructor(folders: Folders) {
    this.#folders = folders
  }

  /** Where the output can be built: nothing is there. Nothing may be at the output's own place either. */
  placeFor(output: string): string {
    const parent = dirname(output)
    const stage = this.#byParent.get(parent) ?? this.#open(output)
    this.#byParent.set(parent, stage)
    return join(stage, String(this.#places++))
  }

  remove(): void {
    for (const stage of this.#made) removeTree(stage)
    for (const note of this.#notes) rmSync(note, { force: true })
  }

  /** A folder that is swept after a killed run, if one is on the output's mount; else one beside the output. */
  #open(output: string): string {
    const { projectDir, cacheDir } = this.#folders
    const place = join(projectDir, output)
    for (const folder of [temporaryDir(cacheDir), stageDir(projectDir)]) {
      makeFolder(folder)
      const stage = this.#make(join(folder, temporaryName()))
      if (reaches(stage, place)) return stage
    }
    const name = unfinishedName()
    this.#note(name, dirname(output))
    return this.#make(join(dirname(place), name))
  }

  #make(stage: string): string {
    mkdirSync(stage, { mode: 0o700 })
    this.#made.push(stage)
    return stage
  }

  /** Written before the stage is made, so that the next run finds the stage of a killed one. */
  #note(name: string, parent: string): void {
    const folder = notesDir(this.#folders)
    makeFolder(folder)
    const note = join(folder, name)
    writeFileSync(note, parent)
    this.#notes.push(note)
  }
}

/**
 * Whether a rename brings the folder to that place. Only the kernel knows: it refuses what would lead from one mount to
 * another, also when both mounts are of one file system and all device numbers are equal (EXDEV in rename(2)).
 */
function reaches(folder: string, place: string): boolean {
  try {
    renameSync(folder, place)
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return false
    throw error
  }
  renameSync(place, folder)
  return true
}

/** Removes what a killed run was building in the project. */
export function sweepStages(folders: Folders): void {
  removeTree(stageDir(folders.projectDir))
  for (const name of entriesOf(notesDir(folders))) {
    const note = join(notesDir(folders), name)
    removeTree(join(folders.projectDir, readFileSync(note, 'utf8'), name))
    rmSync(note, { force: true })
  }
}

/** Each file of it names a stage beside an output, and holds the folder, relative to the project, that the stage is in. */
const notesDir = (folders: Folders): string => join(projectStateDir(folders), 'stages')
