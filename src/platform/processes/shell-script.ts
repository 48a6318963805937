/** Which scripts may run in a fork of a waiting shell: see shells.ts. */

/**
 * Whether a script cannot distinguish a fork from a bash of its own: by its process id, or by what bash knows of
 * itself. Only ASCII, so that its length is the same in characters and bytes.
 */
export const runsInShell = (script: string): boolean => /^[\0-\x7f]*$/.test(script) && !/\0|\$\$|BASH/.test(script)
