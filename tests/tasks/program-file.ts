/** Files that look like programs for Linux. */
import { arch } from 'node:os'

const machine = arch() === 'x64' ? 62 : 183
/** An architecture that this machine does not have. */
export const otherMachine = arch() === 'x64' ? 183 : 62

/** The beginning of an ELF header, and a text. */
export function programFile(text: string, forMachine = machine): Buffer {
  const header = Buffer.alloc(20)
  header.write('\x7fELF', 'latin1')
  header[4] = 2
  header[5] = 1
  header.write('\nexit\n', 8) // Who starts it falls back to a shell, which would take ">" of the machine for a redirection.
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(forMachine, 18)
  return Buffer.concat([header, Buffer.from(text)])
}
