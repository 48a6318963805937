/** Works through a list, several items at once. */
import PQueue from 'p-queue'

/** After a failure no further item is begun; rejects with the first failure when all that was begun has ended. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = new PQueue({ concurrency: atOnce })
  const failures: unknown[] = []
  const begin = async (item: T) => {
    try {
      await work(item)
    } catch (error) {
      failures.push(error)
      queue.clear()
    }
  }
  for (const item of items) void queue.add(() => begin(item))
  await queue.onIdle()
  if (failures.length > 0) throw failures[0]
}
