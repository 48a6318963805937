/** `k8s-ha completion`: the script that makes a shell complete. */
import { usage } from '../../platform/failure.ts'
import { fail, ok } from '../../platform/result.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { CommandSpec } from '../command.ts'
import { completionScripts } from '../completion/scripts.ts'

const shells = Object.keys(completionScripts)

export default {
  details: [
    'bash: source <(k8s-ha completion bash)            in ~/.bashrc',
    'zsh:  source <(k8s-ha completion zsh)             in ~/.zshrc, after compinit',
    'fish: k8s-ha completion fish | source             in ~/.config/fish/config.fish',
  ].join('\n'),
  arguments: [{ name: '<shell>', description: 'bash, zsh or fish', completes: 'shell' }],

  async run({ args, console }) {
    const [shell = ''] = args
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined
    if (script === undefined)
      return fail(usage(`Unknown shell "${shell}": one of ${shells.join(', ')}${didYouMean(shell, shells)}`))
    console.out(script)
    return ok(0)
  },
} satisfies CommandSpec
