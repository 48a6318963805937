/**
 * A file system that nobody else uses, in a file. On a shared one the times of ext4 vary tenfold: it does not use the
 * inodes of removed files again for some minutes, and steps over each of them for each file that is created nearby.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs'

/** Sparse: takes what is written to it. */
const sizeBytes = 24 * 2 ** 30

export interface FreshDisk {
  readonly isOwn: boolean
  readonly [Symbol.dispose]: () => void
}

/** At `place`, a folder that is made; a plain one where no file system can be mounted. */
export function mountFreshDisk(place: string): FreshDisk {
  mkdirSync(place)
  const image = `${place}.img`
  closeSync(openSync(image, 'w'))
  const file = openSync(image, 'r+')
  ftruncateSync(file, sizeBytes)
  closeSync(file)
  const eager = 'lazy_itable_init=0,lazy_journal_init=0'
  const isOwn = does('mkfs.ext4', '-q', '-i', '8192', '-E', eager, image) && does('mount', '-o', 'loop', image, place)
  return {
    isOwn,
    [Symbol.dispose]: () => {
      if (isOwn && !does('umount', place)) does('umount', '--lazy', place)
      rmSync(place, { recursive: true, force: true })
      rmSync(image, { force: true })
    },
  }
}

const does = (command: string, ...argv: readonly string[]): boolean =>
  spawnSync(command, argv, { stdio: 'ignore' }).status === 0
