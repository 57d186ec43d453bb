/**
 * Works on items as they come, on so many at a time. After the first failure no further item is begun, `stop` tells those that are, and when all
 * have ended it is thrown.
 */
export async function inParallel<Item>(
  parallel: number,
  items: AsyncGenerator<Item, void, undefined>,
  work: (item: Item, stop: { readonly isAsked: boolean }) => Promise<void>,
): Promise<void> {
  const stop = { isAsked: false }
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    try {
      while (!stop.isAsked) {
        const next = await items.next()
        if (next.done || stop.isAsked) return
        await work(next.value, stop)
      }
    } catch (error) {
      stop.isAsked = true
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  await items.return()
  if (failures.length > 0) throw failures[0]
}
