/**
 * Repeats some work, with `pause` milliseconds between the end of one run and the start of the next, so that runs never overlap. The work must not
 * reject. Returns a function that stops it, and resolves when the current run has ended.
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
