/** What is put before a task's bash text: its folder, and the arguments that it asked for. In its first line, so that bash counts lines as they are. */
import { quoteWord, type Script } from '../../workflow/script.ts'

const noPrefix: Script = { text: '', values: {} }

/** `dir`: empty for the project itself. `isValue`: it holds a value, and is one. */
export function inFolder(dir: string, isValue: boolean): Script {
  if (dir === '') return noPrefix
  return isValue
    ? { text: 'cd -- "$__k8s_ha_dir"; ', values: { __k8s_ha_dir: dir } }
    : { text: `cd -- ${quoteWord(dir)}; `, values: {} }
}

/** `"$@"` of the script; none at all when there are none. */
export function withArguments(args: readonly string[]): Script {
  const values = Object.fromEntries(args.map((argument, index) => [`__k8s_ha_arg_${index}`, argument]))
  return {
    text: `set -- ${Object.keys(values)
      .map(name => `"$${name}"`)
      .join(' ')}; `,
    values,
  }
}

export const joinScripts = (...scripts: readonly Script[]): Script => ({
  text: scripts.map(({ text }) => text).join(''),
  values: Object.assign({}, ...scripts.map(({ values }) => values)),
})

/** A command as its author wrote it: without the folder. */
export const withoutPrefix = (command: string): string =>
  command.replace(/^cd -- ('(?:[^']|'\\'')*'|"\$__k8s_ha_dir"); /, '')
