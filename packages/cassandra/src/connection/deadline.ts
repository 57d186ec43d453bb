import type { CassandraClientLike } from './client.ts'

/** Settles as `work` does, or rejects after `milliseconds`. The work itself continues; its outcome is then ignored. */
export function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(milliseconds)} ms`)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The same client, with a time limit of `timeout` milliseconds on each call. */
export function timedClient(client: CassandraClientLike, timeout: number): CassandraClientLike {
  return {
    connect: () => within(timeout, client.connect()),
    execute: (query, params, options) => within(timeout, client.execute(query, params, options)),
    batch: (queries, options) => within(timeout, client.batch(queries, options)),
    shutdown: () => within(timeout, client.shutdown()),
  }
}
