/** The architecture of a program for Linux, from the first bytes of its file (ELF). */
import { open } from 'node:fs/promises'
import { arch } from 'node:os'

/** The field e_machine of the ELF header: elf(5). */
const machines: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
  [258, 'loong64'],
])

/** As Go, and with it the releases of Kubernetes and etcd, call this machine's architecture. */
export const goArchitecture = (): string => (arch() === 'x64' ? 'amd64' : arch())

/** What keeps this machine from running the file; undefined when nothing does. Something that is no ELF file: "script" lets it pass. */
export async function architectureProblem(file: string, others: 'script' | 'refuse'): Promise<string | undefined> {
  const header = await firstBytes(file, 20)
  if (header.length < 20 || header.toString('latin1', 0, 4) !== '\x7fELF')
    return others === 'script' ? undefined : `it is no program for Linux: it begins with ${shown(header)}`
  const bigEndian = header[5] === 2
  const machine = bigEndian ? header.readUInt16BE(18) : header.readUInt16LE(18)
  const name = machines.get(machine) ?? `number ${machine}`
  return name === arch() ? undefined : `it is a program for the architecture ${name}, and this machine's is ${arch()}`
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const shown = (bytes: Buffer): string =>
  bytes.length === 0 ? 'nothing' : JSON.stringify(bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.'))
