import { KairosError } from '@kairos/core'
import type { Dialect } from '../dialects/dialect.ts'
import { LOST, sqlFailure, UNAVAILABLE } from '../kysely/failures.ts'
import type { ConnectionLike, ExecutorLike } from '../kysely/kysely-like.ts'
import { type Query, type Result, rawQuery } from '../kysely/query.ts'
import { NoAnswer, waitingTime } from './deadline.ts'
import type { Session } from './session.ts'

/** How long the driver waits. */
export interface Patience {
  /** For the answer to one statement, in milliseconds. */
  readonly timeout: number
  /** The client itself ends a statement then, and its connection. */
  readonly boundByClient: boolean
  /** The instance is the caller's, who may hold its connections in transactions: then waiting for one is told how to end. */
  readonly shared: boolean
}

/** Of an instance of the caller's. */
const ADVICE =
  '; where a transaction holds it, call open() before the transaction, and give each call in it { transaction }'

/**
 * Runs `work` on a connection. Gives up where none comes, and sends nothing then. Settles as soon as `work` does; the connection goes back when
 * all that was sent on it is over, `undo` included, which is sent where `work` fails.
 */
export function hold<T>(
  executor: ExecutorLike,
  dialect: Dialect,
  { timeout, shared, boundByClient }: Patience,
  work: (session: HeldSession) => Promise<T>,
  undo: readonly string[] = [],
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let waits = true
    const waiting = waitingTime(timeout)
    const timer = setTimeout(() => {
      waits = false
      const verdict = shared ? { ...UNAVAILABLE, retry: 'never' as const } : UNAVAILABLE
      reject(sqlFailure(new Error(`no connection came free within ${waiting} ms${shared ? ADVICE : ''}`), verdict))
    }, waiting)

    async function use(connection: ConnectionLike): Promise<void> {
      if (!waits) return
      waits = false
      clearTimeout(timer)
      const session = new HeldSession(connection, dialect, boundByClient ? null : timeout)
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
      if (session.late) await session.settled()
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
  /** Null: none of its own. */
  readonly #timeout: number | null
  #last: Promise<unknown> | undefined

  constructor(connection: ConnectionLike, dialect: Dialect, timeout: number | null) {
    this.#connection = connection
    this.#dialect = dialect
    this.#timeout = timeout
  }

  async execute(query: Query): Promise<Result> {
    const answer = this.#connection.executeQuery(query)
    try {
      return (await (this.#timeout === null ? answer : this.#inTime(answer, this.#timeout))) as Result
    } catch (error) {
      throw error instanceof NoAnswer ? sqlFailure(error, LOST) : sqlFailure(error, this.#dialect.classify(error))
    }
  }

  #inTime<T>(answer: Promise<T>, timeout: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.late = true
        reject(new NoAnswer(timeout))
      }, timeout)
      this.#last = answer.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#last
  }
}
