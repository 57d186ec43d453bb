/**
 * Calls `work` for each item as it comes, with at most `concurrency` calls at a time. After a failure it takes no further items, `stop` tells the calls that are
 * running, and when all have ended it rejects with the first failure.
 * @example `await eachConcurrently(16, registry.names(), (name) => deleteName(name))`
 */
export async function eachConcurrently<Item>(
  concurrency: number,
  items: AsyncIterable<Item>,
  work: (item: Item, stop: { readonly isAsked: boolean }) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.asyncIterator]()
  const stop = { isAsked: false }
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    try {
      while (!stop.isAsked) {
        const next = await source.next()
        if (next.done || stop.isAsked) return
        await work(next.value, stop)
      }
    } catch (error) {
      stop.isAsked = true
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  if (failures.length === 0) return
  await source.return?.()
  throw failures[0]
}
