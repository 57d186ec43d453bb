import { rawQuery } from '../kysely/query.ts'
import { decimalFrom, storedDecimal } from '../values/decimal.ts'
import { orderedCodec } from '../values/ordered-codec.ts'
import { plainColumn, type Storage, toNumber, type ValueColumn } from '../values/value-columns.ts'
import type { Bind, CellPlace, Dialect } from './dialect.ts'
import { SAVEPOINT } from './identifiers.ts'
import { classify, codeOf } from './postgres-lost-answers.ts'
import { lengthOf, slicesOf } from './rows.ts'
import {
  assignments,
  build,
  createReceipts,
  createValuesInsert,
  doubleQuoted,
  edgesOfEach,
  INEXACT,
  insertInto,
  insertNew,
  rowAfter,
  savepoint,
  sumAndSize,
  walkLiveNames,
  walkNamesAfter,
  walkNamesPage,
} from './sql-text.ts'
import { SEQUENCE, type Table } from './table.ts'

// PGlite reads text through a TextDecoder, which drops a leading U+FEFF; the server refuses NUL.
const codec = orderedCodec({ leadingMark: true })

const TEXT = 'text collate "C"'
const text: ValueColumn = {
  ...plainColumn(TEXT, (stored) => codec.decode(stored as string)),
  encode: (scalar) => codec.encode(scalar as string),
}

const valueColumns: Readonly<Record<Storage, ValueColumn>> = {
  double: plainColumn('double precision', toNumber),
  integer: plainColumn('bigint', toNumber),
  // As text, since the caller's own parser for bigint may return a number that has lost digits.
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

/** Up to this many rows `values` is faster: arrays make a single insert a fifth slower on the server, and pay off from 30 rows on. */
const MOST_VALUES = 30
/** One of core's batches is one statement, without a transaction; only very long texts need several, since the server refuses a message of 1 GB. */
const MOST_ROWS = 50_000
const MOST_BYTES = 16 * 2 ** 20

/** The same number in all processes: 'kairos' in ASCII. */
const LOCK_OPENING = 'select pg_advisory_xact_lock(118074466660211)'
/** How long to wait for a table that is to be replaced. */
const LOCK_SECONDS = 5

/** A row of a b-tree (2,704 bytes) then has room for two strings of four bytes per character, an interval and the rest. */
const MOST_STRING_LENGTH = 295
const MOST_INTERVAL_BYTES = 255

/** What a client's own parser might trim, or write in another case. In ASCII, which is the same in every encoding. */
const PROBE_TEXT = ' aA '

/** PostgreSQL and PGlite. */
export const postgres: Dialect = {
  id: 'postgres',
  codec,
  mostStringLength: MOST_STRING_LENGTH,
  fixedWidths: false,
  mostIntervalBytes: MOST_INTERVAL_BYTES,
  keyTypes: () => ({ name: TEXT, interval: TEXT, integer: 'bigint', double: 'double precision' }),
  valueColumn: (storage) => valueColumns[storage],
  decodeText: (stored) => stored as string,

  exactSum: (number) =>
    sumAndSize(`${number}::float8`, (double) => `${double} = trunc(${double})`, `${INEXACT}::float8`),
  hasOverflowed: (error) => codeOf(error) === '22003',
  divide: (expression, divisor) => `${expression} / ${divisor}`,
  sortsGroups: false,
  latest: (expression) => `(max(array[last_at, ${expression}]))[2]`,
  mostMerged: 2_000_000,

  quote: doubleQuoted,
  bind(value, parameters) {
    parameters.push(value)
    return `$${parameters.length}`
  },
  after: rowAfter,
  // The text is the same for any number of places.
  mostPlaces: 2_000,
  // A condition for each, joined by `or`, takes two to four times longer, most of it to plan.
  amongPlaces(places, bind) {
    const array = (key: keyof CellPlace, type: string): string => {
      const values = places.map((place) => place[key])
      return `${bind(arrayLiteral(values, 0, values.length))}::${type}[]`
    }
    const arrays = [
      array('name', 'text'),
      array('interval', 'text'),
      array('bucket', 'bigint'),
      array('resolutionBucket', 'bigint'),
    ]
    return `(name, "interval", i_time, r_time) in (select u.n collate "C", u.i collate "C", u.b, u.r from unnest(${arrays.join(', ')}) as u(n, i, b, r))`
  },

  ignoresCase: false,
  tableNames: [],
  schemaNames: [
    {
      expected: 'a name that does not begin with pg_, which is reserved for PostgreSQL',
      fits: (name) => !name.startsWith('pg_'),
    },
  ],

  createTable({ name, layout: { columns, key, appends }, generation }) {
    const sequence = appends ? [`${SEQUENCE} bigint generated always as identity`] : []
    const definitions = [
      ...columns.map((column) => `${doubleQuoted(column.name)} ${column.type} not null`),
      ...sequence,
      `${generation} smallint`,
    ]
    // Leaves room for updated rows: they stay in their page, since no index covers what changes.
    return [
      `create table if not exists ${name} (${definitions.join(', ')}, primary key (${key.map(doubleQuoted).join(', ')})) with (fillfactor = 85)`,
    ]
  },
  createRecords: (name) =>
    `create table if not exists ${name} (tbl ${TEXT} not null, item ${TEXT} not null, doc text not null, facts text not null, made text not null, primary key (tbl, item))`,
  createReceipts: (name) => createReceipts(name, TEXT),
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
    query: rawQuery(
      "select (0.1::float8 + 0.2::float8)::text as sum, current_setting('extra_float_digits') as digits, current_setting('client_encoding') as encoding, " +
        "1234567::bigint as integer, $1::float8 as half, decode('00ff', 'hex') as bytes, " +
        `'${PROBE_TEXT}'::text as text`,
      // pg reads results in the binary form only if there are parameters.
      [0.5],
    ),
    problemIn({ sum, digits, encoding, integer, half, bytes, text }) {
      const refuse = (message: string) => ({ path: 'store', message: `store must be a client ${message}` }) as const
      if (sum !== '0.30000000000000004')
        return refuse(
          `whose sessions have extra_float_digits = 1, the default, not ${digits}, with which PostgreSQL omits the last digits of numbers`,
        )
      if (encoding !== 'UTF8')
        return refuse(
          `whose sessions have client_encoding = UTF8, not ${encoding}, with which text is stored as other text`,
        )
      const returned = bytes instanceof Uint8Array && bytes.length === 2 && bytes[0] === 0 && bytes[1] === 255
      if (toNumber(integer) === 1_234_567 && toNumber(half) === 0.5 && returned && text === PROBE_TEXT) return null
      return refuse(
        'that returns text, numbers and bytes as they are stored, not one with binary: true, or with its own parsers for them',
      )
    },
  },

  begin: 'begin',
  beginOnGaps: ['begin isolation level read committed'],
  // Rows that are not there yet cannot be locked. Reads continue.
  keepWritersOut: (table) => [`lock table ${table} in share row exclusive mode`],
  savepoint: savepoint(SAVEPOINT),
  // Stricter isolation levels keep a snapshot from before the lock, without what its last owner created.
  lock: ['begin isolation level read committed', LOCK_OPENING],
  unlock: 'commit',
  abandon: 'rollback',
  lockInTransaction: [LOCK_OPENING],
  tableLock: (table) => ({
    // While a session waits for this lock, all others wait behind it.
    lock: [`set local lock_timeout = '${LOCK_SECONDS}s'`, `lock table ${table} in access exclusive mode`],
    unlock: [],
  }),

  unixTime: 'extract(epoch from now())::bigint',
  forUpdate: ' for update',
  returnsRows: true,
  insertNew,
  named: (generation) => `(${generation} is null or true)`,
  lacksColumn: (error, column) => codeOf(error) === '42703' && (error as Error).message.includes(column),

  lacksTable: (error) => codeOf(error) === '42P01',

  upsert(table) {
    const head = insertInto(table, [...table.layout.columns.map(({ name }) => name), table.generation])
    const tail = onConflict(table)
    const insert = createValuesInsert(table, postgres, { head, more: ', default', tail })
    const arrays = arraysText(table, head, tail)
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
  edges: (table, range, bind) => edgesOfEach(table, range, unnested, { dialect: postgres, bind }),
  names: (table, oldest) => walkLiveNames(table, oldest, postgres),
  namesPage: (table, search) => walkNamesPage(table, search, postgres),
  namesAfter: (table, name, limit) => walkNamesAfter(table, name, limit, postgres),
  deleteCells: (table, where) => ({
    count: null,
    remove: build(
      postgres,
      (bind) =>
        `with gone as (delete from ${table} where ${where(bind)} returning name, i_time, r_time) select distinct name, i_time, r_time from gone`,
    ),
  }),

  events: {
    columns: { namespace: TEXT, stream: TEXT, event_key: TEXT, body: TEXT },
    tableOptions: '',
    maxBodyLength: 16_000_000,
    source({ namespace, stream }, bind, events) {
      const keys = bind(`{${events.map(({ key }) => key).join(',')}}`)
      const bodies = events.map(({ body }) => body)
      return `select ${bind(namespace)}::text, ${bind(stream)}::text, u.k, u.b from unnest(${keys}::text[], ${bind(arrayLiteral(bodies, 0, bodies.length))}::text[]) as u(k, b)`
    },
    seeksInRecursion: true,
  },

  classify,
}

/** Not a select for each name: planning them one by one would take longer than reading all their rows. */
function unnested(names: readonly string[], bind: Bind): string {
  return `(select u.name collate "C" as name from unnest(${bind(arrayLiteral(names, 0, names.length))}::text[]) as u(name)) n`
}

/** The same text for any number of rows: each column is one parameter. */
function arraysText(table: Table, head: string, tail: string): string {
  const { columns, appends } = table.layout
  const names = columns.map(({ name }) => `u.${doubleQuoted(name)}`)
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type.replace(/ collate .*/, '')}[]`)
  const as = columns.map(({ name }) => doubleQuoted(name)).join(', ')
  // The order of arrival is that of the list. Without `order by`, the server may choose any.
  const source = appends
    ? `unnest(${arrays.join(', ')}) with ordinality as u(${as}, o) order by u.o`
    : `unnest(${arrays.join(', ')}) as u(${as})`
  return `${head} select ${names.join(', ')}, null from ${source}${tail}`
}

/** What happens if the key exists. */
function onConflict({ layout: { key, appends, merged } }: Table): string {
  if (appends) return ''
  const target = ` on conflict (${key.map(doubleQuoted).join(', ')}) do `
  return merged.length === 0 ? `${target}nothing` : `${target}update set ${assignments(merged, MERGING)}`
}

const MERGING = {
  least: 'least',
  greatest: 'greatest',
  append: (old: string, written: string) => `${old} || substr(${written}, 2)`,
}

/** PostgreSQL's literal for an array: the client's own conversion costs a tenth of a bulk write. */
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
