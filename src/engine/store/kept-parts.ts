/** What a record keeps of a fingerprint, for `why`. */

/** Parts as they are remembered: no value can be read from them, nor tried out without the machine's key. */
export type KeptParts = readonly (readonly [kind: PartKind, name: string, mark: string])[]

export type PartKind = 'format' | 'definition' | 'code' | 'parameter' | 'variable' | 'input' | 'need' | 'tool'
