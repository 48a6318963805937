/** What an overlay is made of: files for the VMs' root, ready or still to be made from a template. */
export interface OverlayFile {
  /** From the VM's root, without a leading slash. */
  readonly path: string
  readonly mode: number
  readonly content: string | Uint8Array
}

/** Variables that a template may name as ${NAME}; numbers as they are, lists of lines joined. */
export type Variables = Readonly<Record<string, string | number>>

export interface TemplatedFile {
  readonly path: string
  /** Of the template, in the overlay folder: "etc/etcd/etcd.yaml.template". */
  readonly template: string
  readonly variables: Variables
}

export const secretMode = 0o600
export const plainMode = 0o644

export const plain = (path: string, content: string): OverlayFile => ({ path, mode: plainMode, content })
export const secret = (path: string, content: string): OverlayFile => ({ path, mode: secretMode, content })
