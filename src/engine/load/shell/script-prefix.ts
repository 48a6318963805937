/** What is put before a task's bash text: its folder, and the arguments that it asked for. In its first line, so that bash counts lines as they are. */
import { quoteWord } from './shell-places.ts'

/** `dir`: empty for the project itself. */
export const inFolder = (dir: string): string => (dir === '' ? '' : `cd -- ${quoteWord(dir)}; `)

/** `"$@"` of the script; none at all when there are none. */
export const withArguments = (args: readonly string[]): string => `set -- ${args.map(quoteWord).join(' ')}; `

/** A command as its author wrote it: without the folder, and without the values put before it. */
export const withoutPrefix = (command: string): string =>
  command.replace(/^(cd -- '(?:[^']|'\\'')*'; )?(__k8s_ha_\d+='(?:[^']|'\\'')*'; )*/, '')
