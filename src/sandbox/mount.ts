/** A file or folder of the host that a sandbox shows. */
export interface Mount {
  /** Absolute, on the host. */
  readonly from: string
  /** Absolute, inside; made when it is missing. */
  readonly to: string
  readonly writable: boolean
  /** Every read of a file moves its access time. */
  readonly recordsReads?: true
}
