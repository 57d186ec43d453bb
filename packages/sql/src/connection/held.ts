import { KairosError } from '@kairos/core'
import type { Dialect } from '../dialects/dialect.ts'
import { LOST, sqlFailure, UNAVAILABLE } from '../kysely/failures.ts'
import type { ConnectionLike, ExecutorLike } from '../kysely/kysely-like.ts'
import { type Query, type Result, rawQuery } from '../kysely/query.ts'
import type { Session } from './session.ts'

/** How long the driver waits. */
export interface Patience {
  /** For the answer to one statement, in milliseconds. */
  readonly timeout: number
  /** The instance is the caller's, who may hold its connections in transactions: then waiting for one is told how to end. */
  readonly shared: boolean
}

/** Of the time for a statement: so that who waits hears the reason before core's own patience ends. */
const SHARE_OF_WAITING = 0.5

const BUSY =
  'no connection came free: where a transaction holds it, call open() before the transaction, and give each call in it { transaction }'

/**
 * Runs `work` on a connection. Gives up where none comes, and sends nothing then. Settles as soon as `work` does; the connection goes back when
 * all that was sent on it is over, `undo` included, which is sent where `work` fails.
 */
export function hold<T>(
  executor: ExecutorLike,
  dialect: Dialect,
  { timeout, shared }: Patience,
  work: (session: HeldSession) => Promise<T>,
  undo: readonly string[] = [],
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let waits = true
    const waiting = timeout * SHARE_OF_WAITING
    const timer = setTimeout(() => {
      waits = false
      const verdict = shared ? { ...UNAVAILABLE, retry: 'never' as const } : UNAVAILABLE
      reject(sqlFailure(new Error(`${BUSY} (waited ${waiting} ms)`), verdict))
    }, waiting)

    async function use(connection: ConnectionLike): Promise<void> {
      if (!waits) return
      waits = false
      clearTimeout(timer)
      const session = new HeldSession(connection, dialect, timeout)
      try {
        resolve(await work(session))
      } catch (error) {
        // What is late is not waited for: the caller hears of it now, and the connection is cleaned up once it answers.
        if (session.late) reject(error)
        await session.settled()
        // On a connection that is gone this fails too, and the server has rolled back by itself.
        for (const text of undo) await session.execute(rawQuery(text)).catch(() => {})
        reject(error)
      }
      await session.settled()
    }

    executor.provideConnection(use).catch((error: unknown) => {
      clearTimeout(timer)
      if (KairosError.is(error)) return reject(error)
      // Before a connection is there nothing can have reached the server.
      const verdict = dialect.classify(error)
      reject(sqlFailure(error, verdict.inDoubt ? UNAVAILABLE : verdict))
    })
  })
}

/** A connection, as long as it is held. */
export class HeldSession implements Session {
  /** A statement did not answer in time. */
  late = false
  readonly #connection: ConnectionLike
  readonly #dialect: Dialect
  readonly #timeout: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: ConnectionLike, dialect: Dialect, timeout: number) {
    this.#connection = connection
    this.#dialect = dialect
    this.#timeout = timeout
  }

  execute(query: Query): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.late = true
        reject(sqlFailure(new Error(`no answer came within ${this.#timeout} ms`), LOST))
      }, this.#timeout)
      this.#last = this.#connection.executeQuery(query).then(
        (result) => {
          clearTimeout(timer)
          resolve(result as Result)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(sqlFailure(error, this.#dialect.classify(error)))
        },
      )
    })
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#last
  }
}
