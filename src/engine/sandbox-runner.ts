/**
 * What the engine asks of the sandbox for `sandbox:` tasks and --verify-inputs; src/sandbox implements it, the CLI
 * injects it.
 */
import type { Digest } from '../platform/digest.ts'
import type { Result } from '../platform/result.ts'

export interface SandboxRequest {
  readonly task: string
  readonly argv: readonly string[]
  /** Of the program; absent: empty. */
  readonly input?: string
  /** The archive (build/roots/<name>.tar.zst) that becomes the root, and its digest. Absent: the host's own system
   * folders, read-only (--verify-inputs). */
  readonly root?: { readonly archive: string; readonly digest: Digest }
  readonly cacheDir: string
  /**
   * Absolute. Inside the sandbox it stands at the same path, is the working folder, and shows nothing but the inputs.
   */
  readonly projectDir: string
  /** Files and symlinks to show read-only, relative to projectDir: declared inputs and the outputs of needs. */
  readonly inputs: readonly string[]
  /** Relative to projectDir; they do not exist yet, their parent folders do. What the program made of them lies in the
   * project when `run` resolves, also when the program failed. */
  readonly outputs: readonly string[]
  /** Further outputs: the files that these match. */
  readonly globs?: OutputPatterns
  /** The whole environment; TMPDIR names an empty folder that is writable inside at the same path. */
  readonly env: Readonly<Record<string, string>>
  readonly network: boolean
  readonly signal: AbortSignal
  /** 0: no limit. */
  readonly timeoutMs: number
  onBytes(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void
}

/** Of paths relative to projectDir. */
export interface OutputPatterns {
  /** Folders, below which everything lies that is matched; they exist. `.` is projectDir. */
  readonly bases: readonly string[]
  /** The file is an output. */
  own(path: string): boolean
  /** The same, also when another pattern excludes it: then it is thrown away. */
  name(path: string): boolean
}

export interface SandboxReport {
  readonly exitCode: number
  /** Files under projectDir, relative, that the program asked for and that exist there but were not shown, sorted. */
  readonly missed: readonly string[]
  /** Files under projectDir, relative, that it wrote outside of `outputs`, sorted; they are gone. */
  readonly undeclaredWrites: readonly string[]
}

export interface SandboxRunner {
  /** A failure: it could not start, was aborted, or ran out of time. Every process of it is gone when this resolves,
   * and also when the calling process is killed. */
  run(request: SandboxRequest): Promise<Result<SandboxReport>>
}
