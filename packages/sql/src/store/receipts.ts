import { createHash, randomUUID } from 'node:crypto'
import type { WriteBatch } from '@kairos/core/driver'
import type { Database, Session } from '../connection/session.ts'
import type { Bind, Dialect } from '../dialects/dialect.ts'
import { build } from '../dialects/sql-text.ts'
import type { Query } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'

/** How long the id of a batch is kept, in seconds. */
export const KEPT_SECONDS = 86_400

/** Old ones that are deleted at a time. */
const STEP = 5_000

/** Where the ids are: one table for all timeseries of a place. */
export interface ReceiptsPlace {
  readonly dialect: Dialect
  /** Qualified and quoted. */
  readonly receipts: string
  /** Of the timeseries: two never share an id. */
  readonly tableName: string
}

/** Ids of batches, each stored in the transaction of its batch. */
export interface Receipts {
  /** Whether a batch is new: only then it is to be written, in this transaction; else whether this process wrote it, or another. */
  claim(session: Session, batch: WriteBatch, id: string): Promise<'new' | 'own' | 'repeated'>
  /** Deletes those that were kept long enough. */
  sweep(database: Database): Promise<void>
}

export function createReceipts({ dialect, receipts, tableName }: ReceiptsPlace): Receipts {
  /** By which a process knows its own batch again, when an answer was lost. */
  const writers = new WeakMap<WriteBatch, string>()
  const on = (text: (bind: Bind) => string): Query => build(dialect, text)
  const tooOld = `stored_at < ${dialect.unixTime} - ${KEPT_SECONDS}`

  return {
    async claim(session, batch, id) {
      const writer = writers.get(batch) ?? randomUUID()
      writers.set(batch, writer)
      // Keys of an index are shorter than an id may be.
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
