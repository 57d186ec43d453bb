import { type Query, type Row, rawQuery } from '../kysely/query.ts'
import { decimalFrom, storedDecimal } from '../values/decimal.ts'
import { orderedCodec } from '../values/ordered-codec.ts'
import { plainColumn, type Storage, toNumber, type ValueColumn } from '../values/value-columns.ts'
import type { Bind, Dialect } from './dialect.ts'
import { RECORDS, SAVEPOINT } from './identifiers.ts'
import { lengthOf } from './rows.ts'
import {
  assignments,
  build,
  createReceipts,
  createValuesInsert,
  doubleQuoted,
  edgesOfEach,
  insertInto,
  insertNew,
  rowAfter,
  savepoint,
  walkLiveNames,
  walkNamesAfter,
  walkNamesPage,
} from './sql-text.ts'
import { classify } from './sqlite-lost-answers.ts'
import { PLACE, SEQUENCE, type Table } from './table.ts'

// SQLite keeps NUL, but node:sqlite of Node 22 reads only what precedes it, and every client must be able to read the file.
const codec = orderedCodec({ leadingMark: false })

const text: ValueColumn = {
  ...plainColumn('text', (stored) => codec.decode(stored as string)),
  encode: (scalar) => codec.encode(scalar as string),
}

const valueColumns: Readonly<Record<Storage, ValueColumn>> = {
  double: plainColumn('real', (stored) => stored as number),
  integer: plainColumn('integer', toNumber),
  // As text, since one client rounds integers that a double cannot hold, and another refuses them.
  int64: {
    ...plainColumn('integer', (stored) => BigInt(stored as string)),
    select: (column) => `cast(${column} as text)`,
  },
  boolean: { ...plainColumn('integer', (stored) => toNumber(stored) === 1), encode: (scalar) => (scalar ? 1 : 0) },
  decimal: {
    ...plainColumn('text', (stored) => decimalFrom(stored as string)),
    encode: (scalar) => storedDecimal(scalar as string),
  },
  short: text,
  string: text,
  text,
  blob: {
    ...plainColumn('blob', (stored) => (stored === '' ? new Uint8Array() : new Uint8Array(stored as Uint8Array))),
    // node:sqlite of Node 22 binds empty bytes as null, so every client writes an empty text for them.
    encode: (scalar) => ((scalar as Uint8Array).length === 0 ? '' : scalar),
  },
}

/** Rows per statement, largest first: few texts, so that their statements stay prepared. Twice as many rows were no faster. */
const SIZES = [200, 64] as const
/** Up to here, each number of rows has its own text: a single insert is one row per interval, in one statement. */
const SINGLES = 16

/** SQLite. */
export const sqlite: Dialect = {
  id: 'sqlite',
  codec,
  mostStringLength: 1_000_000,
  fixedWidths: false,
  keyTypes: () => ({ name: 'text', interval: 'text', integer: 'integer', double: 'real' }),
  valueColumn: (storage) => valueColumns[storage],
  decodeText: (stored) => stored as string,

  // Integers are added exactly, and a sum beyond 64 bits is an error. The sum of others is infinite, from the first that is not whole.
  exactSum(number) {
    const whole = `cast(${number} as integer)`
    const total = `cast(sum(case ${whole} when ${number} then ${whole} else 9e999 end) as real)`
    return { total, size: `coalesce(abs(${total}), 9e999)` }
  },
  hasOverflowed: (error) => error instanceof Error && error.message === 'integer overflow',
  divide: (expression, divisor) => `${expression} / ${divisor}`,
  sortsGroups: true,
  mostMerged: 50_000,

  quote: doubleQuoted,
  bind(value, parameters) {
    parameters.push(value)
    return '?'
  },
  after: rowAfter,
  mostPlaces: 100,
  // A condition for each, joined by `or`, takes four times longer.
  amongPlaces(places, bind) {
    const rows = places.map(
      ({ name, interval, bucket, resolutionBucket }) =>
        `(${bind(name)}, ${bind(interval)}, ${bind(bucket)}, ${bind(resolutionBucket)})`,
    )
    return `(${PLACE.map(doubleQuoted).join(', ')}) in (values ${rows.join(', ')})`
  },

  ignoresCase: true,
  tableNames: [
    {
      expected: 'a name that does not begin with sqlite_, which is reserved for SQLite',
      fits: (name) => !/^sqlite_/i.test(name),
    },
  ],

  createTable({ name, layout: { columns, key, appends }, generation }) {
    const definitions = [
      ...columns.map((column) => `${doubleQuoted(column.name)} ${column.type} not null`),
      `${generation} integer as (null)`,
    ]
    if (!appends) {
      // Without a rowid, a row is only in the key's own tree: 48 bytes per row instead of 88.
      return [
        `create table if not exists ${name} (${definitions.join(', ')}, primary key (${key.map(doubleQuoted).join(', ')})) without rowid`,
      ]
    }
    // The rowid is the cheapest order of arrival, and every index ends with it, so that rows are sorted.
    // Indexes and tables share a namespace; no table may have this name.
    const index = doubleQuoted(`${RECORDS} ${unquoted(name)}`)
    return [
      `create table if not exists ${name} (${SEQUENCE} integer primary key autoincrement, ${definitions.join(', ')})`,
      `create index if not exists ${index} on ${name} (${PLACE.map(doubleQuoted).join(', ')})`,
    ]
  },
  createRecords: (name) =>
    `create table if not exists ${name} (tbl text not null, item text not null, doc text not null, facts text not null, made text not null, primary key (tbl, item)) without rowid`,
  createReceipts: (name) => createReceipts(name, 'text'),
  columnsOf: (_schema, tables) =>
    build(
      sqlite,
      (bind) =>
        'select m.name as table_name, c.name as column_name, lower(c.type) as data_type ' +
        `from sqlite_master m, pragma_table_xinfo(m.name) c where m.type = 'table' and m.name collate nocase in (${tables.map(bind).join(', ')})`,
    ),

  // Where text is UTF-16, bytes are cut to an even number.
  appendProbe: rawQuery("select cast(x'00' || substr(x'01ff80', 2) as blob) = x'00ff80' as appends"),

  // A plain `begin` that reads first can no longer write once another process has written.
  begin: 'begin immediate',
  beginOnGaps: ['begin immediate'],
  keepWritersOut: () => [],
  savepoint: { ...savepoint(SAVEPOINT), isInTransaction },
  lock: ['begin immediate'],
  unlock: 'commit',
  abandon: 'rollback',
  lockInTransaction: [],
  // `begin immediate` keeps other writers out, and readers see the file as it was before.
  tableLock: () => ({ lock: [], unlock: [] }),

  unixTime: "cast(strftime('%s', 'now') as integer)",
  // `begin immediate` already keeps other writers out.
  forUpdate: '',
  returnsRows: true,
  insertNew,
  named: (generation) => `(1 or ${generation})`,
  lacksColumn: (error, column) =>
    error instanceof Error && error.message.startsWith('no such column:') && error.message.includes(column),

  lacksTable: (error) => error instanceof Error && error.message.startsWith('no such table:'),

  upsert: (table) => {
    const { columns, appends } = table.layout
    // Without this column, SQLite sees that no row can be in conflict, and does not even resolve the names in the tail.
    const sequence = appends ? [SEQUENCE] : []
    const head = insertInto(table, [...columns.map(({ name }) => name), ...sequence])
    const more = appends ? ', null' : ''
    const insert = createValuesInsert(table, sqlite, { head, more, tail: onConflict(table) })
    return (rows) => {
      const queries: Query[] = []
      const length = lengthOf(rows)
      for (let from = 0; from < length; ) {
        const left = length - from
        const count = left <= SINGLES ? left : (SIZES.find((size) => size <= left) ?? SINGLES)
        queries.push(insert(rows, from, from + count))
        from += count
      }
      return queries
    }
  },
  edges: (table, range, bind) => edgesOfEach(table, range, unionOf, { dialect: sqlite, bind }),
  names: (table, oldest) => walkLiveNames(table, oldest, sqlite),
  namesPage: (table, search) => walkNamesPage(table, search, sqlite),
  namesAfter: (table, name, limit) => walkNamesAfter(table, name, limit, sqlite),
  deleteCells: (table, where) => ({
    count: null,
    remove: build(sqlite, (bind) => `delete from ${table} where ${where(bind)} returning name, i_time, r_time`),
  }),

  events: {
    columns: { namespace: 'text', stream: 'text', event_key: 'text', body: 'text' },
    // A row is only in the key's own tree: ranges are read three times as fast.
    tableOptions: ' without rowid',
    maxBodyLength: 16_000_000,
    // `where true`: without it, the parser would take `on` for that of a join.
    source({ namespace, stream }, bind, events) {
      const rows = JSON.stringify(events.map(({ key, body }) => [key, body]))
      return `select ${bind(namespace)}, ${bind(stream)}, value->>0, value->>1 from json_each(${bind(rows)}) where true`
    },
    seeksInRecursion: true,
  },

  classify,
}

function unionOf(names: readonly string[], bind: Bind): string {
  return `(${names.map((name) => `select ${bind(name)} as name`).join(' union all ')}) n`
}

let probes = 0

/**
 * A savepoint outside a transaction begins one, and its release commits. SQLite ends a transaction by itself if the disk is full or fails, or if a
 * trigger says so. What shows it without an error, which the caller's Kysely may log, is this pragma: within a transaction, setting it does nothing.
 */
async function isInTransaction(ask: (sql: string) => Promise<readonly Row[]>): Promise<boolean> {
  const current = async (): Promise<unknown> => (await ask('pragma foreign_keys'))[0]?.foreign_keys
  const before = await current()
  if (before === undefined) return true
  probes++
  // It is set when it is prepared: an unknown text is always prepared.
  const set = (value: number): Promise<unknown> => ask(`pragma foreign_keys = ${value} /* ${probes} */`)
  await set(1 - toNumber(before))
  if ((await current()) === before) return true
  await set(toNumber(before))
  return false
}

/**
 * What happens if the key exists, which an appended row's never does. It names the generation.
 */
function onConflict({ layout: { key, appends, merged }, generation }: Table): string {
  const named = sqlite.named(generation)
  const target = (appends ? [SEQUENCE] : key).map(doubleQuoted).join(', ')
  return merged.length === 0
    ? ` on conflict (${target}) do update set r_time = t.r_time where not ${named}`
    : ` on conflict (${target}) do update set ${assignments(merged, MERGING)} where ${named}`
}

const MERGING = {
  least: 'min',
  greatest: 'max',
  // Two blobs together are a text of their bytes.
  append: (old: string, written: string) => `cast(${old} || substr(${written}, 2) as blob)`,
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"')
}
