/** Ties a program of the host, and everything it starts, to the life of this process. */

/**
 * The command line that runs a program with a process and a mount namespace of its own: when it ends, or this process
 * is killed in any way, the kernel ends all that it started and undoes its mounts.
 */
export const contained = (argv: readonly string[]): readonly string[] => [
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...['unshare', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child', '--'],
  ...argv,
]
