import { createHash, randomUUID } from 'node:crypto'
import type { WriteBatch } from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Query } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import { ONCE_SECONDS } from './once-seconds.ts'

/** The number of old ids to delete at a time. */
const STEP = 5_000

/** Where the ids are: one table for all timeseries in a place. */
export interface ReceiptsPlace {
  readonly dialect: Dialect
  /** Qualified and quoted. */
  readonly receipts: string
  /** The timeseries' table: different tables have separate ids. */
  readonly tableName: string
}

/** The ids of batches, each stored in the same transaction as its batch. */
export interface Receipts {
  /** Whether a batch is new, and must be written in this transaction; if not, whether this call wrote it earlier (`own`) or another did. */
  claim(session: Session, batch: WriteBatch, id: string): Promise<'new' | 'own' | 'repeated'>
  /** Deletes the ids that are older than `ONCE_SECONDS`. */
  sweep(database: Database): Promise<void>
}

/** The ids of a timeseries' batches. */
export function createReceipts({ dialect, receipts, tableName }: ReceiptsPlace): Receipts {
  /** Identifies a batch's writer, so that a process recognizes its own batch after a lost answer. */
  const writers = new WeakMap<WriteBatch, string>()
  const on = (text: (bind: Bind) => string): Query => build(dialect, text)
  const tooOld = `stored_at < ${dialect.unixTime} - ${ONCE_SECONDS}`

  return {
    async claim(session, batch, id) {
      const writer = writers.get(batch) ?? randomUUID()
      writers.set(batch, writer)
      // An id may be longer than an index allows.
      const hash = createHash('sha256').update(id).digest('hex')
      const values = (bind: Bind): string => [tableName, hash, writer].map(bind).join(', ')
      const { numAffectedRows } = await session.execute(
        on((bind) =>
          dialect.insertNew(receipts, ['tbl', 'id', 'writer', 'stored_at'], `${values(bind)}, ${dialect.unixTime}`),
        ),
      )
      if (numAffectedRows === 1n) return 'new'
      const { rows } = await session.execute(
        on((bind) => `select writer from ${receipts} where tbl = ${bind(tableName)} and id = ${bind(hash)}`),
      )
      return rows[0] !== undefined && dialect.decodeText(rows[0].writer) === writer ? 'own' : 'repeated'
    },
    async sweep(database) {
      for (;;) {
        const { rows } = await database.execute(
          on(() => `select stored_at from ${receipts} where ${tooOld} order by stored_at limit 1 offset ${STEP - 1}`),
        )
        const edge = rows[0]
        const where = edge === undefined ? tooOld : `stored_at <= ${toNumber(edge.stored_at)}`
        await database.execute(on(() => `delete from ${receipts} where ${where}`))
        if (edge === undefined) return
      }
    },
  }
}
