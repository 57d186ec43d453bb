/**
 * `promise`, or a rejection with the signal's reason as soon as it aborts. The work continues in the background, and a later failure of it is
 * ignored.
 * @example `await abortable(client.query(text), options?.signal)`
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
