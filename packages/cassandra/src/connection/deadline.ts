import { within } from '@kairos/core/driver'
import type { CassandraClientLike } from './client.ts'

/** Waits this many milliseconds for an answer. If none comes, the request may have been carried out. */
export function answerWithin<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return within(milliseconds, answer, () => new Error(`no answer within ${Math.round(milliseconds)} ms`))
}

/** The same client, with a time limit of `timeout` milliseconds on each call. */
export function timedClient(client: CassandraClientLike, timeout: number): CassandraClientLike {
  return {
    connect: () => answerWithin(timeout, client.connect()),
    execute: (query, params, options) => answerWithin(timeout, client.execute(query, params, options)),
    batch: (queries, options) => answerWithin(timeout, client.batch(queries, options)),
    shutdown: () => answerWithin(timeout, client.shutdown()),
  }
}
