import { describe } from '@kairos/core/driver'
import { rawQuery } from '../kysely/query.ts'
import { decimalFrom, storedDecimal } from '../values/decimal.ts'
import { plainColumn, type Storage, toNumber, type ValueColumn } from '../values/value-columns.ts'
import type { Dialect } from './dialect.ts'
import { SAVEPOINT } from './identifiers.ts'
import { classify, errnoOf } from './mysql-lost-answers.ts'
import { type Rows, slicesOf } from './rows.ts'
import { build, INEXACT, mergedValue, sumAndSize, whereEdges } from './sql-text.ts'
import { SEQUENCE, type Table } from './table.ts'

const BYTES_A_CHARACTER = 4
const MOST_INTERVAL_BYTES = 255
const INTERVAL = `varbinary(${MOST_INTERVAL_BYTES})`
/** For decimals, at most 64 characters as stored; dates, times and addresses are shorter. */
const SHORT = 'varbinary(64)'

/** Text is in binary columns: every collation considers some different strings equal, such as `a` and `a ` even if it ends in _bin. */
function decodeText(stored: unknown): string {
  if (typeof stored === 'string') return stored
  const bytes = stored as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

/**
 * A number as text: at most 35 characters, as in -0.000000000000006188820680327799. Without a length, text of a double has room for 22 of them in a
 * temporary table, as for `group by`, `distinct` and `union`, and -1.2345678901234567e-100 would become -0.12345678901234567.
 */
const asChar = (column: string): string => `cast(${column} as char(64))`
const text = (type: string): ValueColumn => plainColumn(type, decodeText)

const valueColumns: Readonly<Record<Exclude<Storage, 'string'>, ValueColumn>> = {
  // As text, since mysql2 gets the last bit of one double in sixty wrong.
  double: { ...plainColumn('double', toNumber), select: asChar },
  integer: plainColumn('bigint', toNumber),
  int64: { ...plainColumn('bigint', (stored) => BigInt(stored as string)), select: asChar },
  boolean: { ...plainColumn('tinyint', (stored) => toNumber(stored) === 1), encode: (scalar) => (scalar ? 1 : 0) },
  decimal: {
    ...plainColumn(SHORT, (stored) => decimalFrom(decodeText(stored))),
    encode: (scalar) => storedDecimal(scalar as string),
  },
  short: text(SHORT),
  text: text('longblob'),
  blob: plainColumn('longblob', (stored) => new Uint8Array(stored as Uint8Array)),
}

/** InnoDB's keys have at most 3,072 bytes, for two strings, an interval and two buckets. */
const MOST_STRING_LENGTH = 350

/** Larger statements are no faster, and a server may refuse them: `max_allowed_packet` is 16 MB on MariaDB, 4 MB on older MySQL. */
const MOST_ROWS = 1_000
const MOST_BYTES = 2 ** 20

const INTERVAL_COLUMN = '`interval`'

/** A table's file has its name, with codes of this form for all characters but ASCII letters, digits and the underscore. */
const FILE_CODE = '@0000'
/** 255 characters with the extension, `.ibd` or `.frm`. */
const MOST_FILE_NAME = 251

/** Characters of one, two, three and four bytes in UTF-8, and what might be trimmed. */
const PROBE_TEXT = ' aä…🙂 '

/** One lock for each database. */
const LOCK = "concat('kairos ', md5(database()))"
const LOCK_SECONDS = 60
/** How long to wait for a table that is to be replaced. */
const TABLE_LOCK_SECONDS = 5

/** MySQL and MariaDB. */
export const mysql: Dialect = {
  id: 'mysql',
  codec: { encode: (text) => text, decode: (text) => text },
  mostStringLength: MOST_STRING_LENGTH,
  fixedWidths: true,
  mostIntervalBytes: MOST_INTERVAL_BYTES,
  keyTypes: (stringLength) => ({
    name: `varbinary(${stringLength * BYTES_A_CHARACTER})`,
    interval: INTERVAL,
    integer: 'bigint',
    double: 'double',
  }),
  valueColumn: (storage, stringLength) =>
    storage === 'string' ? text(`varbinary(${stringLength * BYTES_A_CHARACTER})`) : valueColumns[storage],
  decodeText,

  // A sum that overflows is 0 here, of sizes as well: none does if each number is below 2^53.
  exactSum: (number) =>
    sumAndSize(
      `(${number} + 0e0)`,
      (double) => `${double} = round(${double}) and abs(${double}) < ${INEXACT}e0`,
      `${INEXACT}e0`,
    ),
  divide: (expression, divisor) => `${expression} div ${divisor}`,
  sortsGroups: false,
  mostMerged: 2_000_000,

  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
  bind: literal,
  // MySQL does not compare row values through an index, but it does this.
  after: ([column, ...columns], [value, ...values]) =>
    columns.length === 0
      ? `${column} > ${value}`
      : `(${column} > ${value} or (${column} = ${value} and ${mysql.after(columns, values)}))`,

  // A seek is planned for each.
  mostPlaces: 100,
  amongPlaces(places, bind) {
    const each = places.map(
      ({ name, interval, bucket, resolutionBucket }) =>
        `(name = ${bind(name)} and ${INTERVAL_COLUMN} = ${bind(interval)} and i_time = ${bind(bucket)} and r_time = ${bind(resolutionBucket)})`,
    )
    return `(${each.join(' or ')})`
  },

  // On servers that do, the probe refuses capitals.
  ignoresCase: false,
  tableNames: [
    {
      // MariaDB refuses them; MySQL replaces each with `?`, so that two tables would become one.
      expected: 'without characters above U+FFFF, which MySQL and MariaDB do not keep in names',
      fits: (name) => !/[\u{10000}-\u{10ffff}]/u.test(name),
    },
    { expected: 'without white space at its end', fits: (name) => !/[\t-\r ]$/.test(name) },
    {
      expected:
        'a name with fewer characters other than ASCII letters and digits, since the name of its file would be too long',
      fits: (name) => name.replace(/[^a-z0-9_]/gi, FILE_CODE).length <= MOST_FILE_NAME,
    },
    { expected: 'a name that does not begin with #mysql50#', fits: (name) => !/^#mysql50#/i.test(name) },
  ],

  createTable({ name, layout: { columns, key, appends }, generation }) {
    const definitions = [
      ...columns.map((column) => `${mysql.quote(column.name)} ${column.type} not null`),
      `${generation} tinyint as (null) virtual`,
    ]
    const primary = `primary key (${key.map(mysql.quote).join(', ')})`
    // InnoDB requires an index that starts with the auto-increment column.
    const sequence = appends ? [`${SEQUENCE} bigint not null auto_increment`, `key (${SEQUENCE})`] : []
    return [`create table if not exists ${name} (${[...definitions, ...sequence, primary].join(', ')}) engine = InnoDB`]
  },
  createRecords: (name) =>
    `create table if not exists ${name} (tbl ${INTERVAL} not null, item ${INTERVAL} not null, doc blob not null, facts blob not null, made ${SHORT} not null, primary key (tbl, item)) engine = InnoDB`,
  createReceipts: (name) => [
    `create table if not exists ${name} (tbl ${INTERVAL} not null, id ${SHORT} not null, writer ${SHORT} not null, stored_at bigint not null, ` +
      'primary key (tbl, id), key (stored_at)) engine = InnoDB',
  ],
  columnsOf: (_schema, tables) =>
    build(
      mysql,
      (bind) =>
        "select table_name as table_name, column_name as column_name, if(data_type = 'varbinary', column_type, data_type) as data_type " +
        `from information_schema.columns where table_schema = database() and table_name in (${tables.map(bind).join(', ')})`,
    ),
  uniqueKeys: (table) =>
    build(
      mysql,
      (bind) =>
        "select index_name as index_name, coalesce(column_name, '') as column_name, sub_part as prefix from information_schema.statistics " +
        `where table_schema = database() and table_name = ${bind(table)} and non_unique = 0 order by index_name, seq_in_index`,
    ),
  probe: {
    query: rawQuery(
      `select @@autocommit as autocommit, @@lower_case_table_names as folding, @@sql_select_limit as most, ${literal(PROBE_TEXT)} as text, cast(0.5 as char) as digits`,
    ),
    problemIn({ autocommit, folding, most, text, digits }, tableName) {
      if (text === undefined)
        return {
          path: 'store',
          message: 'store must be a client that returns rows as objects, without rowsAsArray and nestTables',
        }
      // The caller's `typeCast` may return columns in any form, wrong strings included.
      if (decodeText(text) !== PROBE_TEXT || toNumber(digits) !== 0.5)
        return {
          path: 'store',
          message:
            'store must be a client that returns varbinary columns as bytes or as UTF-8 strings, not one whose typeCast changes them',
        }
      if (toNumber(autocommit) !== 1)
        return {
          path: 'store',
          message:
            'store must be a client whose sessions have autocommit = 1, not 0, with which nothing that is written would be stored',
        }
      if (toNumber(most) <= Number.MAX_SAFE_INTEGER)
        return {
          path: 'store',
          message: `store must be a client whose sessions have the default sql_select_limit, not ${most}, with which reads would lose rows`,
        }
      if (toNumber(folding) === 0 || tableName === tableName.toLowerCase()) return null
      return {
        path: 'tableName',
        message: `tableName must be without capital letters on this server, whose lower_case_table_names is ${folding}, not ${describe(tableName)}`,
      }
    },
  },

  begin: 'begin',
  // Other levels of isolation lock rows, but not the gaps between them.
  beginOnGaps: ['set transaction isolation level repeatable read', 'begin'],
  keepWritersOut: () => [],
  savepoint: {
    // Outside a transaction, as after a deadlock, `savepoint` does nothing, and only the second statement fails.
    begin: [`savepoint ${SAVEPOINT}`, `rollback to savepoint ${SAVEPOINT}`],
    // The next one of this name replaces it.
    end: [],
    undo: [`rollback to savepoint ${SAVEPOINT}`],
  },
  lock: [`select get_lock(${LOCK}, ${LOCK_SECONDS}) as locked`],
  unlock: `select release_lock(${LOCK})`,
  abandon: `select release_lock(${LOCK})`,
  lockInTransaction: null,
  tableLock: (table, records) => ({
    // While a session waits for this lock, all others wait behind it.
    lock: [
      `set @kairos_wait = @@lock_wait_timeout, lock_wait_timeout = ${TABLE_LOCK_SECONDS}`,
      // MySQL 8.0.15 deadlocks with itself if a table is altered that was not opened before it was locked.
      `select 1 from ${table} limit 0`,
      `lock tables ${table} write, ${records} write`,
    ],
    unlock: ['unlock tables', 'set lock_wait_timeout = @kairos_wait'],
  }),

  unixTime: 'unix_timestamp()',
  forUpdate: ' for update',
  // MySQL's does not, and MariaDB's is not worth a second way.
  returnsRows: false,
  insertNew: (table, columns, values) => `insert ignore into ${table} (${columns.join(', ')}) values (${values})`,
  named: (generation) => `(1 or ${generation})`,
  lacksColumn: (error, column) => errnoOf(error) === 1054 && (error as Error).message.includes(column),

  lacksTable: (error) => errnoOf(error) === 1146,

  upsert(table) {
    const columns = table.layout.columns.map(({ name }) => mysql.quote(name))
    const head = `insert into ${table.name} (${columns.join(', ')}) values `
    const tail = onDuplicate(table)
    return (rows) =>
      slicesOf(rows, MOST_ROWS, MOST_BYTES).map(([from, to]) => rawQuery(head + tuples(rows, from, to) + tail))
  },
  // Two seeks for each name. The recursive walk of the other databases took minutes on MariaDB.
  // With the names as constants: within a correlated subquery, MySQL and MariaDB read all buckets of a name. A subquery for each edge takes four times longer.
  edges: (table, range, bind) =>
    range.names
      .map((each) => {
        const name = bind(each)
        const where = whereEdges(table, range, name, { dialect: mysql, bind })
        return `select ${name} as name, min(t.i_time) as first_bucket, max(t.i_time) as last_bucket from ${table.name} t where ${where}`
      })
      .join(' union all '),
  names: (table, oldest) =>
    build(mysql, (bind) => {
      const live = oldest.map(
        ([interval, bucket]) => `(${INTERVAL_COLUMN} = ${bind(interval)} and newest >= ${bind(bucket)})`,
      )
      return `select name, ${INTERVAL_COLUMN}, max(i_time) as newest from ${table} group by name, ${INTERVAL_COLUMN} having ${live.join(' or ')}`
    }),
  namesPage(table, { oldest, prefix, from, included, steps }) {
    const most = steps * oldest.length
    const query = build(mysql, (bind) => {
      const live = oldest.map(
        ([interval, bucket]) => `(${INTERVAL_COLUMN} = ${bind(interval)} and newest >= ${bind(bucket)})`,
      )
      // No text has a byte of 255.
      const to = prefix === '' ? '' : ` and name < ${bind(Buffer.concat([Buffer.from(prefix), Buffer.of(255)]))}`
      return (
        `select name, max(${live.join(' or ')}) as live, count(*) as visited from (select name, ${INTERVAL_COLUMN}, max(i_time) as newest from ${table.name} ` +
        `where name ${included ? '>=' : '>'} ${bind(from)}${to} group by name, ${INTERVAL_COLUMN} order by name, ${INTERVAL_COLUMN} limit ${most}) g group by name order by name`
      )
    })
    // A statement that named the generation would read every row instead of seeking in the index.
    return { query, most, isChecked: false }
  },
  namesAfter: (table, name, limit) =>
    build(
      mysql,
      (bind) =>
        `select distinct name from ${table}${name === null ? '' : ` where name > ${bind(name)}`} order by name limit ${limit}`,
    ),
  deleteCells: (table, where) => ({
    // MySQL's delete returns nothing, so its rows are locked and counted first.
    count: build(
      mysql,
      (bind) => `select count(distinct name, i_time, r_time) as cells from ${table} where ${where(bind)} for update`,
    ),
    remove: build(mysql, (bind) => `delete from ${table} where ${where(bind)}`),
  }),

  events: {
    columns: { namespace: 'varbinary(255)', stream: 'varbinary(2048)', event_key: 'varbinary(32)', body: 'longblob' },
    tableOptions: ' engine = InnoDB',
    // Statements end at `max_allowed_packet`, 16 MB by MariaDB's default, and bodies are written in hexadecimal.
    maxBodyLength: 4_000_000,
    source: null,
    // 200 streams of 500 events took 2 to 4 seconds.
    seeksInRecursion: false,
  },

  classify,
}

/** What happens if the key exists. `values(…)` works on every version of both servers, its successors only on some versions of one. */
function onDuplicate({ layout: { merged }, generation }: Table): string {
  // It names the generation. The key of an appended row never exists.
  const named = (value: string): string => `if(1, ${value}, ${generation})`
  const [first] = merged
  if (first === undefined) return ` on duplicate key update r_time = ${named('r_time')}`
  const written = (column: string): string => {
    const value = `values(${mysql.quote(column)})`
    return column === first.column ? named(value) : value
  }
  const append = (old: string, more: string): string => `concat(${old}, substr(${more}, 2))`
  const merging = { old: mysql.quote, written, least: 'least', greatest: 'greatest', append }
  const changes = merged.map((each) => `${mysql.quote(each.column)} = ${mergedValue(each, merging)}`)
  return ` on duplicate key update ${changes.join(', ')}`
}

function tuples(rows: Rows, from: number, to: number): string {
  let all = ''
  let lastName: unknown
  let name = ''
  const [names, ...others] = rows
  for (let index = from; index < to; index++) {
    if (names![index] !== lastName) {
      lastName = names![index]
      name = literal(lastName)
    }
    all += index === from ? `(${name}` : `),(${name}`
    for (const column of others) all += `,${literal(column[index])}`
  }
  return `${all})`
}

/**
 * A value as part of the statement's text. Strings are hexadecimal, so that nothing in a string can end it, whatever the session's character set
 * and sql_mode are. The client's own quoting breaks under NO_BACKSLASH_ESCAPES, and its prepared statements are a third slower.
 */
function literal(value: unknown): string {
  if (typeof value === 'string') return `X'${Buffer.from(value).toString('hex')}'`
  if (value instanceof Uint8Array)
    return `X'${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}'`
  return String(value)
}
