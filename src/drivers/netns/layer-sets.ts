/**
 * The layers that VMs boot from: a set is placed when a cluster is made, and another whenever some of its VMs are to be
 * renewed. Each VM remembers its set, because VMs of several sets run side by side.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../../platform/files.ts'
import { runChecked, runProcess } from '../../platform/processes/process.ts'
import { done, type Result } from '../../platform/result.ts'
import type { Layer } from '../driver.ts'

const setsDir = (stateDir: string): string => join(stateDir, 'layers')
const numbersIn = (folder: string): readonly number[] =>
  readdirSync(folder)
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b)

/** Short relative names: mount options have no way to quote a colon or a comma, and little room. */
export async function placeLayerSet(stateDir: string, layers: readonly Layer[]): Promise<Result<void>> {
  mkdirSync(setsDir(stateDir), { recursive: true })
  const set = join(setsDir(stateDir), String((latest(stateDir) ?? -1) + 1))
  mkdirSync(set)
  writeFileSync(join(set, ownFile), JSON.stringify(Object.assign({}, ...layers.map(({ own }) => own))))
  for (const [index, { folder, mayChange }] of layers.entries()) {
    const place = join(set, String(index))
    if (!mayChange) {
      symlinkSync(folder, place)
      continue
    }
    // Hard links, since files of a task's outputs are replaced and never written to; copies where the kernel
    // refuses, which it does between different mounts, also of one disk.
    const linked = await runProcess(['cp', '--archive', '--link', '--', folder, place])
    if (linked.ok && linked.value.exitCode === 0) continue
    removeTree(place)
    const copied = await runChecked(['cp', '--archive', '--no-target-directory', '--', folder, place])
    if (!copied.ok) return copied
  }
  return done
}

/** In a set: whose folders are in its layers. */
const ownFile = 'own.json'

const latest = (stateDir: string): number | undefined => numbersIn(setsDir(stateDir)).at(-1)

const chosenFile = (stateDir: string, vm: string): string => join(stateDir, 'vms', vm, 'layer-set')

/** From now on the VM boots from the latest set. */
export function chooseLatest(stateDir: string, vm: string): void {
  writeFileSync(chosenFile(stateDir, vm), String(latest(stateDir)))
}

function setOf(stateDir: string, vm: string): string {
  const chosen = chosenFile(stateDir, vm)
  return existsSync(chosen) ? readFileSync(chosen, 'utf8') : '0'
}

/** The VM's layers, relative to the state folder, the topmost first. */
export function layersOf(stateDir: string, vm: string): readonly string[] {
  const set = setOf(stateDir, vm)
  return numbersIn(join(setsDir(stateDir), set)).map(index => `layers/${set}/${index}`)
}

/** What lies in its layers and is another VM's: paths from its root. */
export function hiddenFrom(stateDir: string, vm: string): readonly string[] {
  const file = join(setsDir(stateDir), setOf(stateDir, vm), ownFile)
  // A set that an earlier version placed has none.
  const own: NonNullable<Layer['own']> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return Object.keys(own).filter(path => own[path] !== vm)
}
