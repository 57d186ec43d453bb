import pg from 'pg'
import type { HandCell } from '../core/by-hand.ts'
import { parentOf } from '../processor-time.ts'
import { type ByHand, inKeyOrder, piecesOf } from './by-hand.ts'

/** Rows per statement; more gained nothing. */
const ROWS = 5_000
const CONFLICT = 'on conflict (name, interval, i_time, r_time) do update set value = hand.value + excluded.value'

/** pg: `unnest` for many rows, `values` for few. */
export async function postgresByHand(url: string): Promise<ByHand> {
  const pool = new pg.Pool({ connectionString: url })
  await pool.query('drop table if exists hand')
  await pool.query(`create table hand (
    name text collate "C" not null, interval text collate "C" not null, i_time bigint not null, r_time bigint not null, value float8 not null,
    primary key (name, interval, i_time, r_time)) with (fillfactor = 85)`)
  const arrays = `insert into hand select n, i, b, 0, v from unnest($1::text[], $2::text[], $3::bigint[], $4::float8[]) u(n, i, b, v) ${CONFLICT}`
  const few = new Map([1, 2, 3].map((rows) => [rows, `insert into hand values ${placeholders(rows)} ${CONFLICT}`]))
  const columnsOf = (cells: readonly HandCell[]) => [
    cells.map(({ name }) => name),
    cells.map(({ interval }) => interval),
    cells.map(({ bucket }) => bucket),
    cells.map(({ value }) => value),
  ]
  return {
    async write(cells) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        for (const piece of piecesOf(inKeyOrder(cells), ROWS)) await client.query(arrays, columnsOf(piece))
        await client.query('commit')
      } finally {
        client.release()
      }
    },
    async insert(cells) {
      await pool.query(
        few.get(cells.length)!,
        cells.flatMap(({ name, interval, bucket, value }) => [name, interval, bucket, value]),
      )
    },
    async read(name, interval, first, last) {
      const { rows } = await pool.query(
        'select i_time as bucket, value from hand where name = $1 and interval = $2 and i_time between $3 and $4 order by i_time',
        [name, interval, first, last],
      )
      return rows.map(({ bucket, value }) => ({ bucket: Number(bucket), value }))
    },
    async clear() {
      await pool.query('truncate hand, "count"')
    },
    close: () => pool.end(),
  }
}

/** The process whose children serve the sessions. */
export async function mainProcessOf(url: string): Promise<number> {
  const [row] = await rowsOf(url, 'select pg_backend_pid() as pid')
  return parentOf(row!.pid as number)
}

/** Does what autovacuum does within a minute after much was written. */
export async function vacuum(url: string): Promise<void> {
  await rowsOf(url, 'vacuum analyze')
}

async function rowsOf(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

function placeholders(rows: number): string {
  return Array.from(
    { length: rows },
    (_, row) => `($${row * 4 + 1}, $${row * 4 + 2}, $${row * 4 + 3}, 0, $${row * 4 + 4})`,
  ).join(', ')
}
