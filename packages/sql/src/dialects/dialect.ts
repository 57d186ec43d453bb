import type { CellPosition, StoredEvent, StringCodec } from '@kairos/core/driver'
import type { Query, Row } from '../kysely/query.ts'
import type { Verdict } from '../kysely/verdict.ts'
import type { Storage, ValueColumn } from '../values/value-columns.ts'
import type { IdentifierRule } from './identifiers.ts'
import type { Rows } from './rows.ts'
import type { Table } from './table.ts'

/** The databases whose SQL the driver speaks. PGlite is `postgres`, MariaDB `mysql`. */
export type DialectId = 'sqlite' | 'postgres' | 'mysql'

/** Why a session cannot be used, or not with this option. */
interface Problem {
  readonly path: 'store' | 'tableName'
  readonly message: string
}

/** The types of the columns that every table has. */
interface KeyTypes {
  readonly name: string
  readonly interval: string
  readonly integer: string
  readonly double: string
}

/** Adds a value to a statement's parameters, and returns the text for it. */
export type Bind = (value: unknown) => string

/** Which names to list, encoded as in the table. */
export interface NamesSearch {
  /** The oldest live bucket of each interval. */
  readonly oldest: readonly IntervalEdge[]
  /** What the names begin with; may be empty. */
  readonly prefix: string
  /** Where they begin: at this name, or after it. */
  readonly from: string
  readonly included: boolean
  /** About how many names to visit, at least 2. */
  readonly steps: number
}

/** A cell in one of the intervals. */
export interface CellPlace extends CellPosition {
  readonly interval: string
}

/** A statement for a page of names. */
export interface NamesStatement {
  readonly query: Query
  /** How many index entries it visits at most. */
  readonly most: number
  /** Whether it names the generation; else it must be checked afterwards. */
  readonly isChecked: boolean
}

/** Names and an interval, encoded as in the table, and a range; without an end: from the first bucket, or to the last. */
export interface EdgesRange {
  readonly names: readonly string[]
  readonly interval: string
  readonly first?: number
  readonly last?: number
}

/** An interval, encoded as in the table, and one of its buckets. */
export type IntervalEdge = readonly [interval: string, bucket: number]

/**
 * The statements around a call in the caller's transaction. Its name is always the same: calls in a transaction take turns, and a repeated text can
 * stay prepared.
 */
interface Savepoint {
  /**
   * Whether a transaction is open, if `begin` does not fail without one. A database may end a transaction by itself, and would then commit each
   * further statement at once.
   */
  isInTransaction?(ask: (sql: string) => Promise<readonly Row[]>): Promise<boolean>
  readonly begin: readonly string[]
  readonly end: readonly string[]
  /** The first of them fails if the transaction is not open. */
  readonly undo: readonly string[]
}

/** All that differs for event streams. */
interface EventsDialect {
  /** Types of the columns. An event's key is text: it compares byte by byte, and no client needs to convert it. */
  readonly columns: Readonly<Record<'namespace' | 'stream' | 'event_key' | 'body', string>>
  /** After the columns, in `create table`. */
  readonly tableOptions: string
  /** The longest body, in UTF-16 code units. */
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
 * All that differs between databases: types, statements and errors. The code that uses them is the same for all.
 */
export interface Dialect {
  readonly id: DialectId

  /** Encodes the characters that this database's text would lose. */
  readonly codec: StringCodec
  /** The longest `stringLength` whose keys fit in an index, at four bytes per character. */
  readonly mostStringLength: number
  /** Whether columns are as wide as `stringLength`, so that a table created for a shorter one cannot be used. */
  readonly fixedWidths: boolean
  /** The longest name of an interval, in bytes of UTF-8; absent if there is no limit. */
  readonly mostIntervalBytes?: number
  keyTypes(stringLength: number): KeyTypes
  valueColumn(storage: Storage, stringLength: number): ValueColumn
  /** Decodes a text column from the client's form. */
  decodeText(stored: unknown): string

  /**
   * The expressions for the sum of numbers and for what tells whether it was rounded: if that is less than 2^53, all were whole and were added without
   * rounding, in whatever order.
   */
  exactSum(number: string): { readonly total: string; readonly size: string }
  /** Whether a statement failed because a sum overflowed; absent if sums are infinite then, or 0. */
  hasOverflowed?(error: unknown): boolean
  /** The expression for the quotient of an integer that is not negative, rounded down. */
  divide(expression: string, divisor: number): string
  /** Whether `group by` an expression sorts all rows. */
  readonly sortsGroups: boolean
  /** The aggregate of a number of the row with the greatest `last_at`: the greatest if there are several; absent: there is no such function. */
  latest?(expression: string): string
  /** About how many cells one statement merges: it holds up the event loop on SQLite, and must end in time elsewhere. */
  readonly mostMerged: number

  quote(identifier: string): string
  /** The text for a value: a placeholder, with the value added to the parameters, or the value itself. */
  bind(value: unknown, parameters: unknown[]): string
  /** The condition for the rows after these values, in the order of the columns. */
  after(columns: readonly string[], values: readonly string[]): string

  /** The condition for the rows of these places, whose names and intervals are encoded as in the table: a seek for each. */
  amongPlaces(places: readonly CellPlace[], bind: Bind): string
  /** How many of them one statement takes at most. */
  readonly mostPlaces: number

  /** This database's rules for names of tables, beyond those for all databases. */
  readonly tableNames: readonly IdentifierRule[]
  /** The same for schemas; absent if the database has none. */
  readonly schemaNames?: readonly IdentifierRule[]
  /** Whether `Hits` and `hits` are the same table, which `columnsOf` finds by either name. */
  readonly ignoresCase: boolean

  createTable(table: Table): readonly string[]
  createRecords(name: string): string
  /** Creates the table of batch ids, and its index. */
  createReceipts(name: string): readonly string[]
  /** Selects `table_name`, `column_name` and `data_type` of those of the tables that exist. */
  columnsOf(schema: string | null, tables: readonly string[]): Query
  /**
   * Selects `index_name`, `column_name` and `prefix` (null for the whole column) of a table's unique keys, in order; absent if the database itself
   * refuses a merge by a key that does not exist, or that meets another.
   */
  uniqueKeys?(table: string): Query
  /** Selects a row if the schema exists. */
  schemaExists?(schema: string): Query

  /** Checks that a session returns numbers with all their digits, stores what is written, and keeps tables with different names apart. */
  readonly probe?: { readonly query: Query; problemIn(row: Row, tableName: string): Problem | null }

  /** Selects `appends`: 1 if this database appends bytes as they are, an odd number of them and what is not text; absent if all of this dialect do. */
  readonly appendProbe?: Query

  /** Begins a transaction that writes. */
  readonly begin: string
  /** The same, whose locking reads keep others from inserting into what they have read, if the database has such locks. */
  readonly beginOnGaps: readonly string[]
  /** Keeps all other writers out of a table until the transaction ends; nothing where the transaction itself does. */
  keepWritersOut(table: string): readonly string[]
  /** Keeps other processes from creating tables at the same time. A row whose `locked` is not 1 means that one still is. */
  readonly lock: readonly string[]
  readonly unlock: string
  readonly abandon: string
  /** The same in a transaction of the caller, until it ends; null: the database commits it before it changes a table. */
  readonly lockInTransaction: readonly string[] | null

  /** How a call joins a transaction of the caller. */
  readonly savepoint: Savepoint

  /** Locks a table and the table of records, against reads too, after a short wait for other sessions. Used within `lock`. */
  tableLock(table: string, records: string): { readonly lock: readonly string[]; readonly unlock: readonly string[] }

  /** A condition that is always true, and makes the database refuse the statement if the table has no column of this name. */
  named(generation: string): string
  /** Whether a statement was refused because there is no column of this name. */
  lacksColumn(error: unknown, column: string): boolean
  /** Whether a statement was refused because a table does not exist. */
  lacksTable(error: unknown): boolean

  /** An expression for the database's clock, in Unix seconds. */
  readonly unixTime: string
  /** At the end of a select, locks its rows until the transaction ends. */
  readonly forUpdate: string
  /** Whether `insert … returning` is there. */
  readonly returnsRows: boolean
  /** Inserts a row unless its key exists; the number of affected rows says which. */
  insertNew(table: string, columns: readonly string[], values: string): string
  /** Returns a function that makes the statements to write rows, each with a limited number of rows. */
  upsert(table: Table): (rows: Rows) => Query[]
  /**
   * Selects each `name` with the `first_bucket` and the `last_bucket` of the range that it has, or null: two seeks in the index for each, whatever the
   * range holds.
   */
  edges(table: Table, range: EdgesRange, bind: Bind): string
  /** Selects every `name` with a row in one of the intervals that is not older than its bucket, through the index. */
  names(table: string, oldest: readonly IntervalEdge[]): Query
  /**
   * Selects consecutive names in the order of their bytes: `name`, whether it is `live` (0 or 1), and `visited`, the index entries that were looked at
   * for it. If those are `most` in all, more may follow, and the last name may be live although it is not said so.
   */
  namesPage(table: Table, search: NamesSearch): NamesStatement
  /** Selects at most `limit` names after this one, in the database's own order. */
  namesAfter(table: string, name: string | null, limit: number): Query
  /**
   * Deletes the rows of `where`, and tells how many cells they were: by the (name, i_time, r_time) that the delete returns, or, if it returns
   * nothing, by a count before it in the same transaction.
   */
  deleteCells(table: string, where: (bind: Bind) => string): { readonly count: Query | null; readonly remove: Query }

  readonly events: EventsDialect

  /** What an error says about the statement. */
  classify(error: unknown): Verdict
}
