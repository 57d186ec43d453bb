import BetterSqlite from 'better-sqlite3'
import type { HandCell } from '../core/by-hand.ts'
import { type ByHand, inKeyOrder, piecesOf } from './by-hand.ts'

/** Rows per statement; more gained nothing. */
const ROWS = 200

/**
 * better-sqlite3, prepared statements, WAL. Its own table and the driver's are in one file: so the page cache and the disk affect both
 * alike.
 */
export function sqliteByHand(file: string): ByHand {
  const database = new BetterSqlite(file)
  database.pragma('journal_mode = wal')
  database.pragma('synchronous = normal')
  database.exec(`create table if not exists hand (
    name text not null, interval text not null, i_time integer not null, r_time integer not null, value real not null,
    primary key (name, interval, i_time, r_time)) without rowid`)
  const upsert = (rows: number) =>
    database.prepare(
      `insert into hand values ${Array(rows).fill('(?, ?, ?, 0, ?)').join(', ')}
       on conflict (name, interval, i_time, r_time) do update set value = value + excluded.value`,
    )
  const full = upsert(ROWS)
  const single = upsert(1)
  const few = new Map([1, 2, 3].map((rows) => [rows, upsert(rows)]))
  const select = database.prepare(
    'select i_time as bucket, value from hand where name = ? and interval = ? and i_time between ? and ? order by i_time',
  )
  const parametersOf = (cells: readonly HandCell[]) =>
    cells.flatMap(({ name, interval, bucket, value }) => [name, interval, bucket, value])
  const writeAll = database.transaction((cells: readonly HandCell[]) => {
    for (const piece of piecesOf(cells, ROWS)) {
      if (piece.length === ROWS) full.run(parametersOf(piece))
      else for (const { name, interval, bucket, value } of piece) single.run(name, interval, bucket, value)
    }
  })
  return {
    write: async (cells) => writeAll.immediate(inKeyOrder(cells)),
    insert: async (cells) => {
      few.get(cells.length)!.run(parametersOf(cells))
    },
    read: async (name, interval, first, last) =>
      select.all(name, interval, first, last) as { bucket: number; value: number }[],
    clear: async () => {
      database.exec('delete from hand; delete from "count"')
    },
    close: async () => {
      database.close()
    },
  }
}
