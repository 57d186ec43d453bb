import { stringCodec } from '@kairos/core/driver'
import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../kysely/failures.ts'
import { rawQuery } from '../kysely/query.ts'
import { SEQUENCE } from '../schema/table.ts'
import { lengthOf, slicesOf } from '../store/encode-cells.ts'
import { decimalFrom, plainColumn, type Storage, storedDecimal, toNumber, type ValueColumn } from '../values/codecs.ts'
import type { Dialect, Table } from './dialect.ts'
import {
  build,
  createValuesInsert,
  doubleQuoted,
  insertInto,
  onConflict,
  rowAfter,
  walkLiveNames,
  walkNamesAfter,
} from './sql-text.ts'

// PGlite reads text through a TextDecoder, which drops a leading U+FEFF; the server takes no NUL.
const codec = stringCodec({ nul: true, leadingMark: true })

const TEXT = 'text collate "C"'
const text: ValueColumn = {
  ...plainColumn(TEXT, (stored) => codec.decode(stored as string)),
  encode: (scalar) => codec.encode(scalar as string),
}

const valueColumns: Readonly<Record<Storage, ValueColumn>> = {
  double: plainColumn('double precision', toNumber),
  integer: plainColumn('bigint', toNumber),
  // As text: a parser that the caller set for bigint may give a number that has lost digits.
  int64: { ...plainColumn('bigint', (stored) => BigInt(stored as string)), select: (column) => `${column}::text` },
  boolean: { ...plainColumn('smallint', (stored) => toNumber(stored) === 1), encode: (scalar) => (scalar ? 1 : 0) },
  decimal: {
    ...plainColumn(TEXT, (stored) => decimalFrom(stored as string)),
    encode: (scalar) => storedDecimal(scalar as string),
  },
  short: plainColumn(TEXT, (stored) => stored as string),
  string: text,
  text,
  blob: plainColumn('bytea', (stored) => new Uint8Array(stored as Uint8Array)),
}

/** Up to here `values` is faster than arrays, which cost the server a fifth of a single insert more; from 30 rows on they save it. */
const MOST_VALUES = 30
/** A batch of core's is one statement, and so needs no transaction; only very long texts make several of it: the server takes no message of 1 GB. */
const MOST_ROWS = 50_000
const MOST_BYTES = 16 * 2 ** 20

/** One number for all processes: 'kairos' in ASCII. */
const LOCK = 118074466660211

/** Room in a b-tree's row (2,704 bytes) for two strings of four bytes a character, an interval and the rest. */
const MOST_STRING_LENGTH = 295

export const postgres: Dialect = {
  id: 'postgres',
  codec,
  mostStringLength: MOST_STRING_LENGTH,
  fixedWidths: false,
  keyTypes: () => ({ name: TEXT, interval: TEXT, integer: 'bigint', double: 'double precision' }),
  valueColumn: (storage) => valueColumns[storage],
  decodeText: (stored) => stored as string,

  quote: doubleQuoted,
  bind(value, parameters) {
    parameters.push(value)
    return `$${parameters.length}`
  },
  after: rowAfter,

  ignoresCase: false,
  tableNames: [],
  schemaNames: [
    {
      wanted: 'a name that does not begin with pg_, as those of PostgreSQL itself do',
      fits: (name) => !name.startsWith('pg_'),
    },
  ],

  createTable({ name, layout: { columns, key, merge } }) {
    const sequence = merge === 'append' ? [`${SEQUENCE} bigint generated always as identity`] : []
    const definitions = [
      ...columns.map((column) => `${doubleQuoted(column.name)} ${column.type} not null`),
      ...sequence,
    ]
    // Room for updates beside the row: with no index on what they change they stay in the page.
    return [
      `create table if not exists ${name} (${definitions.join(', ')}, primary key (${key.map(doubleQuoted).join(', ')})) with (fillfactor = 85)`,
    ]
  },
  createRecords: (name) =>
    `create table if not exists ${name} (tbl ${TEXT} not null, item ${TEXT} not null, doc text not null, primary key (tbl, item))`,
  columnsOf: (schema, tables) =>
    build(postgres, (bind) => {
      const path = schema === null ? '' : `${doubleQuoted(schema)}.`
      const classes = tables.map((table) => `to_regclass(${bind(`${path}${doubleQuoted(table)}`)})`)
      return (
        'select c.relname::text as table_name, a.attname::text as column_name, format_type(a.atttypid, null) as data_type ' +
        `from pg_class c join pg_attribute a on a.attrelid = c.oid where c.oid in (${classes.join(', ')}) and a.attnum > 0 and not a.attisdropped`
      )
    }),
  schemaExists: (schema) => build(postgres, (bind) => `select 1 from pg_namespace where nspname = ${bind(schema)}`),
  probe: {
    query: rawQuery("select (0.1::float8 + 0.2::float8)::text as sum, current_setting('extra_float_digits') as digits"),
    problemIn: ({ sum, digits }) =>
      sum === '0.30000000000000004'
        ? null
        : {
            path: 'store',
            message: `the session has extra_float_digits = ${digits}, with which PostgreSQL gives numbers without their last digits; leave it at its default of 1`,
          },
  },

  begin: 'begin',
  // A snapshot of before the lock, as stricter isolation levels have, would not see what its last owner made.
  lock: ['begin isolation level read committed', `select pg_advisory_xact_lock(${LOCK})`],
  unlock: 'commit',
  abandon: 'rollback',

  upsert(table) {
    const insert = createValuesInsert(table, postgres)
    const arrays = arraysText(table)
    return (rows) => {
      const few = lengthOf(rows) <= MOST_VALUES
      return slicesOf(rows, MOST_ROWS, MOST_BYTES).map(([from, to]) =>
        few
          ? insert(rows, from, to)
          : rawQuery(
              arrays,
              rows.map((column) => arrayLiteral(column, from, to)),
            ),
      )
    }
  },
  // As many selects would be planned one by one, which takes longer than all their rows.
  namesRelation: (names, bind) =>
    `(select u.name collate "C" as name from unnest(${bind(arrayLiteral(names, 0, names.length))}::text[]) as u(name)) n`,
  names: (table, oldest) => walkLiveNames(table, oldest, postgres),
  namesAfter: (table, name, limit) => walkNamesAfter(table, name, limit, postgres),
  deleteCells: (table, where) => ({
    count: null,
    remove: build(
      postgres,
      (bind) =>
        `with gone as (delete from ${table} where ${where(bind)} returning i_time, r_time) select distinct i_time, r_time from gone`,
    ),
  }),

  classify,
}

/** One text for any number of rows: a column is one parameter. */
function arraysText(table: Table): string {
  const { columns, merge } = table.layout
  const names = columns.map(({ name }) => `u.${doubleQuoted(name)}`)
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type.replace(/ collate .*/, '')}[]`)
  const as = columns.map(({ name }) => doubleQuoted(name)).join(', ')
  // The order of arrival is that of the list, said so: the server may otherwise take any.
  const source =
    merge === 'append'
      ? `unnest(${arrays.join(', ')}) with ordinality as u(${as}, o) order by u.o`
      : `unnest(${arrays.join(', ')}) as u(${as})`
  return `${insertInto(table)} select ${names.join(', ')} from ${source}${onConflict(table)}`
}

/** An array as PostgreSQL spells it: the client's own spelling of lists costs a tenth of a bulk write. */
function arrayLiteral(values: readonly unknown[], from: number, to: number): string {
  let literal = '{'
  let last: unknown
  let spelled = ''
  for (let index = from; index < to; index++) {
    const value = values[index]
    // Names and intervals come in runs.
    if (value !== last || index === from) {
      last = value
      spelled = spell(value)
    }
    literal += index === from ? spelled : `,${spelled}`
  }
  return `${literal}}`
}

function spell(value: unknown): string {
  if (typeof value === 'string') return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`
  if (value instanceof Uint8Array)
    return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}"`
  return String(value)
}

const CONFLICTS = ['40001', '40P01', '55P03']
/** Too many connections or no memory, starting up, a standby: at another moment, or another server, it may work. */
const UNAVAILABLES = /^(53...|57P03|25006)$/
/** The connection, or the server itself, ended. */
const LOSSES = /^(08...|57P0[12])$/

function classify(error: unknown): Verdict {
  // Only what the server answers has a severity; all else comes from the client, and the answer with it is unknown.
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) return LOST
  const code = String(error.code)
  if (CONFLICTS.includes(code)) return CONFLICT
  if (UNAVAILABLES.test(code)) return UNAVAILABLE
  return LOSSES.test(code) ? LOST : REFUSED
}
