import type { StoredEvent, StringCodec } from '@kairos/core/driver'
import type { Verdict } from '../kysely/failures.ts'
import type { Query, Row } from '../kysely/query.ts'
import type { Storage, ValueColumn } from '../values/value-columns.ts'
import type { IdentifierRule } from './identifiers.ts'
import type { Rows } from './rows.ts'
import type { Table } from './table.ts'

export type DialectId = 'sqlite' | 'postgres' | 'mysql'

/** Why a session cannot serve, or not with this option. */
interface Problem {
  readonly path: 'store' | 'tableName'
  readonly message: string
}

/** Types of the columns that every table has. */
interface KeyTypes {
  readonly name: string
  readonly interval: string
  readonly integer: string
  readonly double: string
}

/** Collects a statement's parameters: gives the text that stands for a value. */
export type Bind = (value: unknown) => string

/** An interval, as the table holds it, and a bucket of it. */
export type IntervalEdge = readonly [interval: string, bucket: number]

/** All that differs for event streams. */
interface EventsDialect {
  /** Types of the columns. An event's key is text: it compares byte by byte, and no client needs to convert it. */
  readonly columns: Readonly<Record<'namespace' | 'stream' | 'event_key' | 'body', string>>
  /** After the columns, in `create table`. */
  readonly tableOptions: string
  /** In UTF-16 code units. */
  readonly maxBodyLength: number
  /** A select of rows to insert, with the same text for any number of them; null if an insert cannot return the rows that it stored. */
  readonly source:
    | ((
        place: { readonly namespace: string; readonly stream: string },
        bind: Bind,
        events: readonly StoredEvent[],
      ) => string)
    | null
  /** Whether `min` seeks in the index within a recursion. */
  readonly seeksInRecursion: boolean
}

/**
 * All that differs between databases: types, texts and errors. What is done with them is the same everywhere, and stands elsewhere.
 * PGlite is a PostgreSQL, MariaDB a MySQL.
 */
export interface Dialect {
  readonly id: DialectId

  /** Carries the characters that this database's text would lose. */
  readonly codec: StringCodec
  /** The longest `stringLength` whose keys an index still takes, at four bytes a character. */
  readonly mostStringLength: number
  /** Whether columns have the width of `stringLength`, so that a table made for a shorter one cannot be used. */
  readonly fixedWidths: boolean
  /** Of an interval's name, in UTF-8; absent where nothing bounds it. */
  readonly mostIntervalBytes?: number
  keyTypes(stringLength: number): KeyTypes
  valueColumn(storage: Storage, stringLength: number): ValueColumn
  /** Text columns as the client gives them. */
  decodeText(stored: unknown): string

  quote(identifier: string): string
  /** The text that stands for a value: a placeholder, whose value is added to the parameters, or the value itself. */
  bind(value: unknown, parameters: unknown[]): string
  /** The rows after these in the order of the columns. */
  after(columns: readonly string[], values: readonly string[]): string

  /** What this database wants of the names of tables, beyond what all want. */
  readonly tableNames: readonly IdentifierRule[]
  /** The same of schemas; absent where there are none. */
  readonly schemaNames?: readonly IdentifierRule[]
  /** Whether `Hits` and `hits` are one table; then `columnsOf` finds it by either. */
  readonly ignoresCase: boolean

  createTable(table: Table): readonly string[]
  createRecords(name: string): string
  /** The table of ids of batches, and its index. */
  createReceipts(name: string): readonly string[]
  /** Rows of `table_name`, `column_name`, `data_type`, of those of the tables that exist. */
  columnsOf(schema: string | null, tables: readonly string[]): Query
  /** A row where the schema exists. */
  schemaExists?(schema: string): Query

  /** What a session must be like, so that numbers come back whole, writes are stored, and tables of different names are different ones. */
  readonly probe?: { readonly query: Query; problemIn(row: Row, tableName: string): Problem | null }

  /** Opens a transaction that writes. */
  readonly begin: string
  /** Keeps other processes from preparing tables at the same time. A row whose `locked` is not 1 means that they still are. */
  readonly lock: readonly string[]
  readonly unlock: string
  readonly abandon: string

  /** Keeps all others off a table and the table of records, reads too; waits shortly for them. Within `lock`. */
  tableLock(table: string, records: string): { readonly lock: readonly string[]; readonly unlock: readonly string[] }

  /** A condition that always holds, but that the statement is refused where the table has no column of this name. */
  named(generation: string): string
  /** Whether a statement was refused since there is no column of this name. */
  lacksColumn(error: unknown, column: string): boolean

  /** Seconds since the epoch, by the database's clock. */
  readonly unixTime: string
  /** At the end of a select: its rows are nobody else's until the transaction ends. */
  readonly forUpdate: string
  /** Inserts a row, where its key is not there; tells by the number of rows. */
  insertNew(table: string, columns: readonly string[], values: string): string
  /** The statements that write these rows, each at most a few thousand rows long. */
  upsert(table: Table): (rows: Rows) => Query[]
  /** A relation `n` with the column `name`, which compares with the tables' own by their index: of these names, as the tables hold them. */
  namesRelation(names: readonly string[], bind: Bind): string
  /** Rows of `name`: every name with a row in one of the intervals that is not older than its bucket, found by index. */
  names(table: string, oldest: readonly IntervalEdge[]): Query
  /** Rows of `name`: at most `limit` names after this one, in the database's own order. */
  namesAfter(table: string, name: string | null, limit: number): Query
  /**
   * Deletes what `where` says and tells of how many cells: by rows of (name, i_time, r_time) that the delete gives back, or where it cannot by a
   * count before it, in the same transaction.
   */
  deleteCells(table: string, where: (bind: Bind) => string): { readonly count: Query | null; readonly remove: Query }

  readonly events: EventsDialect

  classify(error: unknown): Verdict
}
