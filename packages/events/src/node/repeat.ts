/**
 * Does something again and again, so many milliseconds after it has ended: however long it takes, it is done once at a time. It must not
 * reject. The function returned stops it, and resolves when what is under way has ended.
 */
export function repeat(work: () => Promise<void>, pause: number): () => Promise<void> {
  let stopped = false
  let timer: ReturnType<typeof setTimeout>
  let current = Promise.resolve()
  const begin = (): void => {
    timer = setTimeout(() => {
      current = work().then(() => {
        if (!stopped) begin()
      })
    }, pause)
  }
  begin()
  return () => {
    stopped = true
    clearTimeout(timer)
    return current
  }
}
