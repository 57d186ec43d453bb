/**
 * Calls `work` for each item, for at most `most` items at a time, and takes an item only when its turn comes. After a failure it takes no more items
 * and rejects with the first failure once all running calls have ended.
 */
export async function eachAtOnce<Item>(
  most: number,
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.asyncIterator]()
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    try {
      while (failures.length === 0) {
        const { done, value } = await source.next()
        if (done) return
        await work(value)
      }
    } catch (error) {
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: most }, worker))
  if (failures.length === 0) return
  await source.return?.()
  throw failures[0]
}
