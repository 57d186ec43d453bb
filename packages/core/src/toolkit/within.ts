/**
 * Settles as `work` does, or rejects with the error that `late` returns after this many milliseconds. The work itself continues; its outcome is then ignored.
 * @example `await within(timeout, client.query(text), () => new Error('no answer'))`
 */
export function within<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
