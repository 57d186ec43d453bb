import { type BucketRange, compareCodePoints, hashText } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { FIRST_NAMES, pagesByBytes, pagesOfRows } from '../connection/page-size.ts'
import type { BoundStatement, Session } from '../connection/session.ts'
import { RECORDS } from '../schema/records.ts'
import type { TableDefinition } from '../schema/table-definition.ts'
import { bigint, int, text, toNumber } from '../values/cql-bytes.ts'
import type { Window } from './windows.ts'

/** Over how many partitions the names of a table are spread. */
export const SHARDS = 16
/** Windows in a page if the first one usually suffices. */
const FEW = pagesOfRows(20)
/** Maximum number of names in a page. */
const MOST_NAMES = 5_000

/**
 * Tables that all timeseries of a keyspace share: records, names, and the windows in which a name has data. `place` is the table's name, or the type and
 * the name of the timeseries.
 */
export function registryTables(keyspace: string): TableDefinition[] {
  return [
    {
      keyspace,
      table: RECORDS,
      columns: ['place text', 'kind text', 'key text', 'record text', 'generation int'],
      key: '(place), kind, key',
    },
    {
      keyspace,
      table: 'kairos_names',
      columns: [
        'place text',
        'shard int',
        'name text',
        'interval text',
        'win bigint',
        'sub bigint',
        'part int',
        'touched bigint',
      ],
      key: '(place, shard), name, interval',
    },
    {
      keyspace,
      table: 'kairos_windows',
      columns: [
        'place text',
        'name text',
        'interval text',
        'win bigint',
        'sub bigint',
        'part int',
        'until bigint',
        'touched bigint',
      ],
      key: '(place, name, interval), win, sub, part, until',
    },
  ]
}

/** A registered window of a name in an interval. */
export interface RegisteredWindow extends Window {
  /** When its last possible data expires, in Unix seconds; 0: never. */
  readonly until: number
  /** When it was last registered, in microseconds since the epoch. */
  readonly touched: number
}

/** A registered name, in one interval. */
export interface RegisteredName {
  readonly name: string
  readonly interval: string
  /** The window registered last: most likely the newest. */
  readonly window: Window
  /** When it was last registered, in microseconds since the epoch. */
  readonly touched: number
}

/**
 * Says where a table has data, so that nothing is found by scanning. A window is registered before its first data is written. Deletes keep the
 * registration: a process that remembers having registered the window could otherwise write data that no read finds.
 */
export class Registry {
  readonly #session: Session
  readonly #keyspace: string
  readonly #place: string
  readonly #partition: Buffer
  readonly #names: string
  readonly #windows: string

  constructor(session: Session, keyspace: string, place: string) {
    this.#session = session
    this.#keyspace = keyspace
    this.#place = place
    this.#partition = text(place)
    this.#names = `"${keyspace}".kairos_names`
    this.#windows = `"${keyspace}".kairos_windows`
  }

  /** The same registry, read by another session. */
  readBy(session: Session): Registry {
    return new Registry(session, this.#keyspace, this.#place)
  }

  /**
   * The statements that register a window. `until`, in Unix seconds, is when its last possible data expires, 0 for never. It is part of the key: two
   * timeseries that retain the same interval for different times would otherwise shorten each other's registration.
   */
  statements(
    name: string,
    interval: string,
    window: Window,
    until: number,
    ttl: number,
    touched: number,
  ): [BoundStatement, BoundStatement] {
    const place = [bigint(window.win), bigint(window.sub), int(window.part)]
    return [
      {
        query: `INSERT INTO ${this.#windows} (place, name, interval, win, sub, part, until, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TTL ?`,
        values: [this.#partition, text(name), text(interval), ...place, bigint(until), bigint(touched), int(ttl)],
      },
      {
        query: `INSERT INTO ${this.#names} (place, shard, name, interval, win, sub, part, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [this.#partition, int(shardOf(name)), text(name), text(interval), ...place, bigint(touched)],
      },
    ]
  }

  /** Every pair of name and interval that was registered and not collected since. */
  async *names(): AsyncGenerator<RegisteredName> {
    const query = `SELECT name, interval, win, sub, part, touched FROM ${this.#names} WHERE place = ? AND shard = ?`
    const shards = Array.from({ length: SHARDS }, (_, shard) => [this.#partition, int(shard)])
    const pages = pagesByBytes(lengthOfName, MOST_NAMES)
    const lists = shards.map((values) => this.#session.pages(query, values, pages))
    // All first pages at once: most tables have no more.
    const firsts = await Promise.all(lists.map((list) => list.next()))
    for (const [shard, list] of lists.entries()) {
      for (let page = firsts[shard]!; !page.done; page = await list.next()) yield* page.value.map(nameOf)
    }
  }

  /**
   * The next names from `name` on, in the order of code points, which is that of their bytes: of each of the shards at most `most` rows, all up to the name
   * that is incomplete first.
   */
  async namesFrom(name: string, { inclusive, most }: { inclusive: boolean; most: number }): Promise<NextNames> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => int(shard))
    const query =
      `SELECT shard, name, interval, win, sub, part, touched FROM ${this.#names} WHERE place = ? AND shard IN (${shards.map(() => '?').join(', ')})` +
      ` AND name ${inclusive ? '>=' : '>'} ? PER PARTITION LIMIT ?`
    const lasts = new Map<number, { rows: number; name: string }>()
    const names = new Map<string, RegisteredName[]>()
    const take = (row: CassandraRow): void => {
      const registered = nameOf(row)
      const shard = row.shard as number
      lasts.set(shard, { rows: (lasts.get(shard)?.rows ?? 0) + 1, name: registered.name })
      const known = names.get(registered.name)
      if (known === undefined) names.set(registered.name, [registered])
      else known.push(registered)
    }
    const values = [this.#partition, ...shards, text(name), int(most)]
    await this.#session.eachRow(query, values, take, pagesByBytes(lengthOfName, MOST_NAMES, FIRST_NAMES))
    const next = [...lasts.values()]
      .filter(({ rows }) => rows === most)
      .map((last) => last.name)
      .sort(compareCodePoints)[0]
    const complete = [...names].filter(([own]) => next === undefined || compareCodePoints(own, next) < 0)
    return { names: complete.sort(([a], [b]) => compareCodePoints(a, b)).map(([, rows]) => rows), next }
  }

  /** The windows of a name in an interval, each once, ascending or descending: all, or those with `win` in a range. */
  async *windows(
    name: string,
    interval: string,
    { range, newestFirst = false, few = false }: { range?: BucketRange; newestFirst?: boolean; few?: boolean } = {},
  ): AsyncGenerator<RegisteredWindow> {
    const query =
      `SELECT win, sub, part, until, touched FROM ${this.#windows} WHERE place = ? AND name = ? AND interval = ?` +
      (range === undefined ? '' : ' AND win >= ? AND win <= ?') +
      (newestFirst ? ' ORDER BY win DESC, sub DESC, part DESC, until DESC' : '')
    const values = [this.#partition, text(name), text(interval)]
    if (range !== undefined) values.push(bigint(range.first), bigint(range.last))
    let before: RegisteredWindow | undefined
    for await (const row of this.#session.rows(query, values, few ? FEW : undefined)) {
      const window = { ...windowOf(row), until: toNumber(row.until), touched: toNumber(row.touched) }
      if (before === undefined || !sameWindow(before, window)) yield window
      before = window
    }
  }

  /** Removes the registration of an empty window, unless it was renewed since. */
  async collectWindow(
    name: string,
    interval: string,
    { win, sub, part, until, touched }: RegisteredWindow,
  ): Promise<void> {
    const query = `DELETE FROM ${this.#windows} WHERE place = ? AND name = ? AND interval = ? AND win = ? AND sub = ? AND part = ? AND until = ?`
    const values = [this.#partition, text(name), text(interval), bigint(win), bigint(sub), int(part), bigint(until)]
    await this.#session.write([{ query, values }], touched)
  }

  /** Removes all registrations of a name in an interval that are older than `timestamp`. */
  async forget(name: string, interval: string, timestamp: number): Promise<void> {
    const windows = `DELETE FROM ${this.#windows} WHERE place = ? AND name = ? AND interval = ?`
    await this.#session.write([{ query: windows, values: [this.#partition, text(name), text(interval)] }], timestamp)
    // Last: while it is there, the windows are found again.
    await this.collectName({ name, interval, touched: timestamp })
  }

  /** Removes the registration of a name without windows in an interval, unless it was renewed since. */
  async collectName({ name, interval, touched }: Omit<RegisteredName, 'window'>): Promise<void> {
    const query = `DELETE FROM ${this.#names} WHERE place = ? AND shard = ? AND name = ? AND interval = ?`
    await this.#session.write(
      [{ query, values: [this.#partition, int(shardOf(name)), text(name), text(interval)] }],
      touched,
    )
  }
}

/** Names in order, each with all of its registrations, and where the next ones begin; undefined: these are all. */
export interface NextNames {
  readonly names: readonly (readonly RegisteredName[])[]
  readonly next: string | undefined
}

function lengthOfName({ name, interval }: CassandraRow): number {
  return (name as string).length + (interval as string).length
}

function nameOf(row: CassandraRow): RegisteredName {
  return {
    name: row.name as string,
    interval: row.interval as string,
    window: windowOf(row),
    touched: toNumber(row.touched),
  }
}

function windowOf({ win, sub, part }: CassandraRow): Window {
  return { win: toNumber(win), sub: toNumber(sub), part: part as number }
}

/** Whether two windows are the same partition of a name. */
export function sameWindow(a: Window, b: Window): boolean {
  return a.win === b.win && a.sub === b.sub && a.part === b.part
}

/** Which of `SHARDS` partitions a name, stream or event key is in. Must never change. */
export function shardOf(text: string): number {
  return hashText(text) % SHARDS
}
