import { KairosError } from '@kairos/core'
import type { Dialect } from '../dialects/dialect.ts'
import { isSqlFailure, sqlFailure } from '../kysely/failures.ts'
import type { ConnectionLike, ExecutorLike } from '../kysely/kysely-like.ts'
import type { Query, Result } from '../kysely/query.ts'
import { LOST, UNAVAILABLE } from '../kysely/verdict.ts'
import { NoAnswer, startDeadline, waitingTime } from './deadline.ts'
import type { Session } from './session.ts'

/** How long the driver waits, and for whom. */
export interface Patience {
  /** For the answer to one statement, in milliseconds. */
  readonly timeout: number
  /** Whether the client itself ends a late statement, and its connection. */
  readonly boundByClient: boolean
  /** Whether the instance is the caller's: a transaction may hold its connections, and the error then says what to do. */
  readonly shared: boolean
}

/** What provides connections. */
export type Connections = Pick<ExecutorLike, 'provideConnection'>

/** For the caller's own instance. */
const ADVICE =
  '; if a transaction holds it, call open() before the transaction, and pass { transaction } to each call in it'

/**
 * Runs `work` on a connection, or rejects without sending anything if none becomes free. Settles as soon as `work` does. If `work` fails, `undo`
 * runs, and resolves to the error to reject with. The connection is released when everything sent on it has been answered.
 */
export function hold<T>(
  executor: Connections,
  dialect: Dialect,
  { timeout, shared, boundByClient }: Patience,
  work: (session: HeldSession) => Promise<T>,
  undo: (session: HeldSession, error: unknown) => Promise<unknown> = async (_session, error) => error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let waits = true
    const waiting = waitingTime(timeout)
    const timer = setTimeout(() => {
      waits = false
      const verdict = shared ? { ...UNAVAILABLE, retry: 'never' as const } : UNAVAILABLE
      reject(sqlFailure(new Error(`no connection became free within ${waiting} ms${shared ? ADVICE : ''}`), verdict))
    }, waiting)

    async function use(connection: ConnectionLike): Promise<void> {
      if (!waits) return
      waits = false
      clearTimeout(timer)
      const session = new HeldSession(connection, dialect, boundByClient ? null : timeout)
      try {
        resolve(await work(session))
      } catch (error) {
        // The caller does not wait for a late answer; the connection is cleaned up once it arrives.
        if (session.late) reject(error)
        await session.settled()
        reject(await undo(session, error))
      }
      if (session.late) await session.settled()
    }

    executor.provideConnection(use).catch((error: unknown) => {
      clearTimeout(timer)
      if (KairosError.is(error) || isSqlFailure(error)) return reject(error)
      // Without a connection, nothing can have reached the server.
      const verdict = dialect.classify(error)
      reject(sqlFailure(error, verdict.inDoubt ? UNAVAILABLE : verdict))
    })
  })
}

/** A connection while it is held. */
export class HeldSession implements Session {
  /** Whether a statement was not answered in time. */
  late = false
  readonly #connection: ConnectionLike
  readonly #dialect: Dialect
  /** Null: the client has its own. */
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
      const end = startDeadline(timeout, (error) => {
        this.late = true
        reject(error)
      })
      this.#last = answer.then(resolve, reject).finally(end)
    })
  }

  /** Resolves when every statement sent has been answered. */
  async settled(): Promise<void> {
    await this.#last
  }
}
