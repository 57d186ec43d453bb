import { stringCodec } from '@kairos/core/driver'
import type { Query } from '../kysely/query.ts'
import {
  decimalFrom,
  plainColumn,
  type Storage,
  storedDecimal,
  toNumber,
  type ValueColumn,
} from '../values/value-columns.ts'
import type { Dialect } from './dialect.ts'
import { RECORDS } from './identifiers.ts'
import { lengthOf } from './rows.ts'
import {
  build,
  createReceipts,
  createValuesInsert,
  doubleQuoted,
  insertInto,
  insertNew,
  mergedColumn,
  namesRelation,
  rowAfter,
  walkLiveNames,
  walkNamesAfter,
} from './sql-text.ts'
import { classify } from './sqlite-errors.ts'
import { PLACE, SEQUENCE, type Table } from './table.ts'

// SQLite itself keeps NUL; node:sqlite of Node 22 reads only what is before it, and a file is for all clients alike.
const codec = stringCodec({ nul: true })

const text: ValueColumn = {
  ...plainColumn('text', (stored) => codec.decode(stored as string)),
  encode: (scalar) => codec.encode(scalar as string),
}

const valueColumns: Readonly<Record<Storage, ValueColumn>> = {
  double: plainColumn('real', (stored) => stored as number),
  integer: plainColumn('integer', toNumber),
  // As text: one client rounds what a double does not hold, another refuses it.
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
    // node:sqlite of Node 22 binds bytes of no length as null; a text of no length stands for them, whichever client writes.
    encode: (scalar) => ((scalar as Uint8Array).length === 0 ? '' : scalar),
  },
}

/** Rows a statement, largest first: few texts, so that their statements stay prepared. Twice as many gained nothing. */
const SIZES = [200, 64] as const
/** Up to here each number of rows has a text of its own: a single insert is one row an interval, and one statement. */
const SINGLES = 16

export const sqlite: Dialect = {
  id: 'sqlite',
  codec,
  mostStringLength: 1_000_000,
  fixedWidths: false,
  keyTypes: () => ({ name: 'text', interval: 'text', integer: 'integer', double: 'real' }),
  valueColumn: (storage) => valueColumns[storage],
  decodeText: (stored) => stored as string,

  quote: doubleQuoted,
  bind(value, parameters) {
    parameters.push(value)
    return '?'
  },
  after: rowAfter,

  ignoresCase: true,
  tableNames: [
    {
      wanted: 'a name that does not begin with sqlite_, as those of SQLite itself do',
      fits: (name) => !/^sqlite_/i.test(name),
    },
  ],

  createTable({ name, layout: { columns, key, merge }, generation }) {
    const definitions = [
      ...columns.map((column) => `${doubleQuoted(column.name)} ${column.type} not null`),
      `${generation} integer as (null)`,
    ]
    if (merge !== 'append') {
      // Without a rowid a row is in the key's own tree, and nowhere else: 48 bytes a row instead of 88.
      return [
        `create table if not exists ${name} (${definitions.join(', ')}, primary key (${key.map(doubleQuoted).join(', ')})) without rowid`,
      ]
    }
    // The rowid is the cheapest order of arrival, and every index ends in it: rows come out sorted.
    // Indexes share the names of tables: this is one that no table may have.
    const index = doubleQuoted(`${RECORDS} ${unquoted(name)}`)
    return [
      `create table if not exists ${name} (${SEQUENCE} integer primary key autoincrement, ${definitions.join(', ')})`,
      `create index if not exists ${index} on ${name} (${PLACE.map(doubleQuoted).join(', ')})`,
    ]
  },
  createRecords: (name) =>
    `create table if not exists ${name} (tbl text not null, item text not null, doc text not null, primary key (tbl, item)) without rowid`,
  createReceipts: (name) => createReceipts(name, 'text'),
  columnsOf: (_schema, tables) =>
    build(
      sqlite,
      (bind) =>
        'select m.name as table_name, c.name as column_name, lower(c.type) as data_type ' +
        `from sqlite_master m, pragma_table_xinfo(m.name) c where m.type = 'table' and m.name collate nocase in (${tables.map(bind).join(', ')})`,
    ),

  // A plain `begin` that reads first cannot become a writer when another process has written meanwhile.
  begin: 'begin immediate',
  lock: ['begin immediate'],
  unlock: 'commit',
  abandon: 'rollback',
  // `begin immediate` keeps all writers off, and readers see the file as it was before.
  tableLock: () => ({ lock: [], unlock: [] }),

  unixTime: "cast(strftime('%s', 'now') as integer)",
  // `begin immediate` has the file to itself.
  forUpdate: '',
  insertNew,
  named: (generation) => `(1 or ${generation})`,
  lacksColumn: (error, column) =>
    error instanceof Error && error.message.startsWith('no such column:') && error.message.includes(column),

  upsert: (table) => {
    const { columns, merge } = table.layout
    // Without it among the columns, SQLite sees that no row can be in conflict, and does not even look at what the tail names.
    const sequence = merge === 'append' ? [SEQUENCE] : []
    const head = insertInto(table, [...columns.map(({ name }) => name), ...sequence])
    const more = merge === 'append' ? ', null' : ''
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
  namesRelation,
  names: (table, oldest) => walkLiveNames(table, oldest, sqlite),
  namesAfter: (table, name, limit) => walkNamesAfter(table, name, limit, sqlite),
  deleteCells: (table, where) => ({
    count: null,
    remove: build(sqlite, (bind) => `delete from ${table} where ${where(bind)} returning name, i_time, r_time`),
  }),

  events: {
    columns: { namespace: 'text', stream: 'text', event_key: 'text', body: 'text' },
    // A row is in the key's own tree, and nowhere else: ranges are read three times as fast.
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

/**
 * What happens where the key is there already; the generation is named in it. Rows that are appended have a key that never is.
 */
function onConflict({ layout: { key, merge, merged }, generation }: Table): string {
  const named = sqlite.named(generation)
  const target = (merge === 'append' ? [SEQUENCE] : key).map(doubleQuoted).join(', ')
  return merged === null || merge === 'keep' || merge === 'append'
    ? ` on conflict (${target}) do update set r_time = t.r_time where not ${named}`
    : ` on conflict (${target}) do update set ${mergedColumn(merge, merged)} where ${named}`
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"')
}
