/** What exit codes of scripts mean that nobody gave on purpose. */

const hints: Readonly<Record<number, string>> = {
  126: 'the program is there, but may not be run: chmod +x',
  127: 'a program was not found: tasks have a PATH of system folders only; give its path, or env: [PATH]',
  134: 'a program aborted itself (SIGABRT)',
  137: 'something killed it (SIGKILL): mostly the kernel, when memory ran out; see dmesg',
  139: 'a program crashed (SIGSEGV)',
  141: 'a program wrote into a pipe whose reader had ended (SIGPIPE), and pipefail makes that the pipe’s result: let the reader read to the end ("sed -n 1p" instead of "head -n 1"), or write "{ … || true; } | head"',
}

/** To be spread into a failure. */
export const exitHint = (code: number): { readonly try?: string } => {
  const hint = hints[code]
  return hint === undefined ? {} : { try: hint }
}
