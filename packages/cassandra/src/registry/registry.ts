import { type BucketRange, hashText } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { pagesByBytes, pagesOfRows } from '../connection/page-size.ts'
import type { BoundStatement, Session } from '../connection/session.ts'
import type { TableDefinition } from '../schema/ddl.ts'
import { bigint, int, text, toNumber } from '../values/cql-bytes.ts'
import type { Window } from './windows.ts'

/** Partitions of a place's names. */
export const SHARDS = 16
/** Windows to a page where the first one usually answers. */
const FEW = pagesOfRows(20)
/** Names to a page, at most. */
const MOST_NAMES = 5_000

/** Tables that all places of a keyspace share: records, names, and the windows in which a name has data. */
export function registryTables(keyspace: string): TableDefinition[] {
  return [
    {
      keyspace,
      table: 'kairos_records',
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

/** A name's windows in an interval, or a name: when it was registered last, in microseconds. */
export interface RegisteredWindow extends Window {
  readonly until: number
  readonly touched: number
}

export interface RegisteredName {
  readonly name: string
  readonly interval: string
  /** The window registered last: most probably the newest. */
  readonly window: Window
  readonly touched: number
}

/**
 * Where a place has data: never found out by scanning them. A window is registered before its first data; deletes leave it, since a process
 * that remembers having registered would write what nobody finds.
 */
export class Registry {
  readonly #session: Session
  readonly #place: Buffer
  readonly #names: string
  readonly #windows: string

  constructor(session: Session, keyspace: string, place: string) {
    this.#session = session
    this.#place = text(place)
    this.#names = `"${keyspace}".kairos_names`
    this.#windows = `"${keyspace}".kairos_windows`
  }

  /**
   * `until`, in seconds: when the window's last possible data expire, 0 for never. It is part of the key: two timeseries that keep one interval
   * for different times would otherwise shorten each other's registration.
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
        values: [this.#place, text(name), text(interval), ...place, bigint(until), bigint(touched), int(ttl)],
      },
      {
        query: `INSERT INTO ${this.#names} (place, shard, name, interval, win, sub, part, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [this.#place, int(shardOf(name)), text(name), text(interval), ...place, bigint(touched)],
      },
    ]
  }

  /** Every (name, interval) that was ever registered and not collected. */
  async *names(): AsyncGenerator<RegisteredName> {
    const query = `SELECT name, interval, win, sub, part, touched FROM ${this.#names} WHERE place = ? AND shard = ?`
    const shards = Array.from({ length: SHARDS }, (_, shard) => [this.#place, int(shard)])
    const lengthOf = ({ name, interval }: CassandraRow): number => (name as string).length + (interval as string).length
    const pages = pagesByBytes(lengthOf, MOST_NAMES)
    const lists = shards.map((values) => this.#session.pages(query, values, pages))
    // The first pages at once: most places have no more.
    const firsts = await Promise.all(lists.map((list) => list.next()))
    for (const [shard, list] of lists.entries()) {
      for (let page = firsts[shard]!; !page.done; page = await list.next()) yield* page.value.map(nameOf)
    }
  }

  /** The windows of a name in an interval, each once, ascending or descending; all, or those with `win` in a range. */
  async *windows(
    name: string,
    interval: string,
    { range, newestFirst = false, few = false }: { range?: BucketRange; newestFirst?: boolean; few?: boolean } = {},
  ): AsyncGenerator<RegisteredWindow> {
    const query =
      `SELECT win, sub, part, until, touched FROM ${this.#windows} WHERE place = ? AND name = ? AND interval = ?` +
      (range === undefined ? '' : ' AND win >= ? AND win <= ?') +
      (newestFirst ? ' ORDER BY win DESC, sub DESC, part DESC, until DESC' : '')
    const values = [this.#place, text(name), text(interval)]
    if (range !== undefined) values.push(bigint(range.first), bigint(range.last))
    let before: RegisteredWindow | undefined
    for await (const row of this.#session.rows(query, values, few ? FEW : undefined)) {
      const window = { ...windowOf(row), until: toNumber(row.until), touched: toNumber(row.touched) }
      if (before === undefined || !sameWindow(before, window)) yield window
      before = window
    }
  }

  /** Forgets a window that holds nothing, unless it was registered again since. */
  async collectWindow(
    name: string,
    interval: string,
    { win, sub, part, until, touched }: RegisteredWindow,
  ): Promise<void> {
    const query = `DELETE FROM ${this.#windows} WHERE place = ? AND name = ? AND interval = ? AND win = ? AND sub = ? AND part = ? AND until = ?`
    const values = [this.#place, text(name), text(interval), bigint(win), bigint(sub), int(part), bigint(until)]
    await this.#session.write([{ query, values }], touched)
  }

  /** Forgets a name that has no window in an interval, unless it was registered again since. */
  async collectName({ name, interval, touched }: RegisteredName): Promise<void> {
    const query = `DELETE FROM ${this.#names} WHERE place = ? AND shard = ? AND name = ? AND interval = ?`
    await this.#session.write(
      [{ query, values: [this.#place, int(shardOf(name)), text(name), text(interval)] }],
      touched,
    )
  }
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

export function sameWindow(a: Window, b: Window): boolean {
  return a.win === b.win && a.sub === b.sub && a.part === b.part
}

/** The partition of a place's names that holds this one; also which of a window's partitions holds an event. Never changes. */
export function shardOf(text: string): number {
  return hashText(text) % SHARDS
}
