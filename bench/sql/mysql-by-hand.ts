import { createPool } from 'mysql2/promise'
import type { HandCell } from '../core/by-hand.ts'
import { type ByHand, inKeyOrder, piecesOf } from './by-hand.ts'

/** Rows per statement; more gained nothing. */
const ROWS = 1_000
const UPSERT = 'insert into hand values ? on duplicate key update value = value + values(value)'

/** mysql2: `values ?`, which it expands to text; faster than its prepared statements. */
export async function mysqlByHand(url: string): Promise<ByHand> {
  const pool = createPool({ uri: url.replace(/^mariadb:/, 'mysql:') })
  await pool.query('drop table if exists hand')
  await pool.query(`create table hand (
    name varchar(255) character set utf8mb4 collate utf8mb4_bin not null,
    \`interval\` varchar(63) character set utf8mb4 collate utf8mb4_bin not null, i_time bigint not null, r_time bigint not null, value double not null,
    primary key (name, \`interval\`, i_time, r_time)) engine = InnoDB`)
  const rowsOf = (cells: readonly HandCell[]) =>
    cells.map(({ name, interval, bucket, value }) => [name, interval, bucket, 0, value])
  return {
    async write(cells) {
      const connection = await pool.getConnection()
      try {
        await connection.beginTransaction()
        for (const piece of piecesOf(inKeyOrder(cells), ROWS)) await connection.query(UPSERT, [rowsOf(piece)])
        await connection.commit()
      } finally {
        connection.release()
      }
    },
    async insert(cells) {
      await pool.query(UPSERT, [rowsOf(cells)])
    },
    async read(name, interval, first, last) {
      // As text: otherwise mysql2 gets the last bit of one double in sixty wrong.
      const [rows] = await pool.query(
        'select i_time as bucket, cast(value as char) as value from hand where name = ? and `interval` = ? and i_time between ? and ? order by i_time',
        [name, interval, first, last],
      )
      return (rows as { bucket: number; value: string }[]).map(({ bucket, value }) => ({
        bucket,
        value: Number(value),
      }))
    },
    async clear() {
      await pool.query('truncate hand')
      await pool.query('truncate `count`')
    },
    close: () => pool.end(),
  }
}
