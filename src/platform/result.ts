/** The outcome of something that may fail in an expected way; bugs throw instead. */
import type { Failure } from './failure.ts'

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const done: Result<void> = { ok: true, value: undefined }
export const fail = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure })
