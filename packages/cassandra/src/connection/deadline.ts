import type { CassandraClientLike } from './client.ts'

/**
 * What `work` comes to, or a rejection once so many milliseconds have passed. The work goes on behind it, and what becomes of it is not heard
 * any more.
 */
export function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer came within ${Math.round(milliseconds)} ms`)),
      milliseconds,
    )
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The same client, of which no call lasts longer than `timeout` milliseconds. */
export function timedClient(client: CassandraClientLike, timeout: number): CassandraClientLike {
  return {
    connect: () => within(timeout, client.connect()),
    execute: (query, params, options) => within(timeout, client.execute(query, params, options)),
    batch: (queries, options) => within(timeout, client.batch(queries, options)),
    shutdown: () => within(timeout, client.shutdown()),
  }
}
