import { KairosError } from '@kairos/core'
import { type CheckedConfig, type CheckedInterval, CONFIG, type Interval, settingsOf } from '@kairos/core/calls'
import { compareCodePoints, describe, invalidOption } from '@kairos/core/driver'
import { cursorOf, cursorText, isBehind } from '../cells/cursor.ts'
import { type AnyCell, secondsOf } from '../cells/source.ts'
import { checkKeys } from '../formats/options.ts'
import { isRedisClient, redisAt, redisClient } from '../redis/redis-client.ts'
import { legacyConfig } from './config.ts'
import { contentOf } from './content.ts'
import { isMongoClient, mongoAt, mongoStore } from './mongo-store.ts'
import { ReportNotes } from './notes.ts'
import { type Place, placeOf } from './place.ts'
import { redisStore } from './redis-store.ts'
import { isSqlClient, sqlDatabase, sqliteFile, sqlServer } from './sql-client.ts'
import { sqlStore } from './sql-store.ts'
import type { LegacyCellsOptions, LegacyOptions, LegacySource, LegacyStore, RawCell } from './types.ts'

const OPTIONS = ['type', 'valueType', 'intervals', 'prefix', 'tableName', 'database', 'escapeCharacter', 'names']

/**
 * Opens what Python kairos 0.10 stored in Redis, MongoDB or SQL, to be read like a timeseries: by your own client (ioredis, node-redis, mongodb, node:sqlite,
 * better-sqlite3, pg, mysql2/promise), or a URL (`redis:`, `mongodb:`, `sqlite:FILE`, `postgres:`, `mysql:`), whose client is loaded. The old store is only read.
 * What cannot be read is in `report()`, with the reason.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_UNSUPPORTED for sets outside Redis, KAIROS_DRIVER_MISSING
 * @example
 * const old = await openLegacy('sqlite:kairos.db', { type: 'count', intervals: { hour: { step: 3600 } } })
 * for await (const cell of old.cells()) console.log(cell.name, cell.interval, cell.start, cell.value)
 * console.log(old.report().lost)
 */
export async function openLegacy(store: string | object, options: LegacyOptions): Promise<LegacySource> {
  checkKeys(options, OPTIONS)
  const config = legacyConfig(options)
  const notes = new ReportNotes()
  const opened = await openStore(store, config, options, notes)
  return legacySource(
    opened,
    config,
    options,
    new Map((await settingsOf(config)).intervals.map((each) => [each.name, each])),
    notes,
  )
}

async function openStore(
  store: unknown,
  config: CheckedConfig,
  options: LegacyOptions,
  notes: ReportNotes,
): Promise<LegacyStore> {
  const { prefix = '', tableName = config.type, database = 'kairos', escapeCharacter = '\uffff' } = options
  if (typeof escapeCharacter !== 'string' || escapeCharacter === '')
    throw invalidOption({ path: 'escapeCharacter', expected: 'a character', value: escapeCharacter })
  const never = async (): Promise<void> => {}
  if (typeof store === 'string') {
    const scheme = /^(?:kairos-py\+)?([a-z]+):/.exec(store)?.[1]
    const url = store.replace(/^kairos-py\+/, '')
    if (scheme === 'redis' || scheme === 'rediss') {
      const { send, close } = await redisAt(url)
      return redisStore(send, config, prefix, notes, close)
    }
    checkNoSet(config)
    if (scheme === 'mongodb') {
      const { client, close } = await mongoAt(url)
      return mongoStore(client, config, { database, escapeCharacter }, notes, close)
    }
    if (scheme === 'sqlite') {
      const opened = await sqliteFile(decodeURIComponent(url.replace(/^sqlite:(\/\/(?=\/))?/, '')))
      return sqlStore(opened.database, config, tableName, opened.close)
    }
    if (['postgres', 'postgresql', 'mysql', 'mariadb'].includes(scheme ?? '')) {
      const opened = await sqlServer(url)
      return sqlStore(opened.database, config, tableName, opened.close)
    }
  } else if (typeof store === 'object' && store !== null) {
    if (isRedisClient(store)) return redisStore(redisClient(store).send, config, prefix, notes, never)
    checkNoSet(config)
    if (isMongoClient(store)) return mongoStore(store, config, { database, escapeCharacter }, notes, never)
    if (isSqlClient(store)) return sqlStore(sqlDatabase(store), config, tableName, never)
  }
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `the store must be a redis:, mongodb:, sqlite:, postgres: or mysql: URL or a client of one, not ${typeof store === 'string' ? 'another URL' : describe(store)}`,
    { path: 'store' },
  )
}

function checkNoSet({ type }: CheckedConfig): void {
  if (type === 'set')
    throw new KairosError(
      'KAIROS_UNSUPPORTED',
      'type must be one that Python kairos kept in this store, not "set": it had sets in Redis only',
      {
        feature: 'type',
      },
    )
}

function legacySource(
  store: LegacyStore,
  config: CheckedConfig,
  { names: only }: LegacyOptions,
  settings: ReadonlyMap<string, Interval>,
  notes: ReportNotes,
): LegacySource {
  const isWanted = nameFilter(only)

  async function sortedNames(): Promise<string[]> {
    const names = [...new Set(await store.names())].filter((name) => name !== '' && isWanted(name))
    return names.sort(compareCodePoints)
  }

  async function* cells(options: LegacyCellsOptions = {}): AsyncGenerator<AnyCell> {
    const { names, prefix = '', intervals, start, end, after, signal } = options
    const chosen = names === undefined ? undefined : [...new Set(typeof names === 'string' ? [names] : names)]
    const cursor = after === undefined ? undefined : cursorOf(after)
    const stretch = {
      first: secondsOf(start) ?? Number.NEGATIVE_INFINITY,
      last: secondsOf(end) ?? Number.POSITIVE_INFINITY,
    }
    for (const interval of inOrder(config.intervals)) {
      if (intervals?.includes(interval.name) === false) continue
      if (cursor !== undefined && interval.name < cursor.interval) continue
      const from = cursor?.interval === interval.name ? cursor.name : undefined
      const query = { interval: interval.name, fine: interval.resolution !== null, names: chosen, from }
      const own = settings.get(interval.name)!
      const place = placeOf(interval)
      for await (const parts of wholeCells(store.cells(query))) {
        if (signal?.aborted) throw signal.reason
        const [{ name, i, r }] = parts as [RawCell]
        if (!name.startsWith(prefix) || !isWanted(name)) continue
        const where = `${name} ${interval.name} ${i}${r === null ? '' : ` ${r}`}`
        const at = place(i, r)
        if (name === '' || typeof at === 'string') {
          notes.lose(name === '' ? 'name' : (at as 'bucket' | 'outside'), where)
          continue
        }
        if (own.buckets.endOf(own.buckets.bucketOf(at.start)) <= stretch.first || at.start > stretch.last) continue
        const whole = { interval: interval.name, name, start: at.start, resolutionStart: at.resolutionStart ?? null }
        if (cursor !== undefined && !isBehind(whole, cursor)) continue
        const value = contentOf(config, parts, where, notes)
        if (value === undefined) continue
        notes.cells++
        if (at.isCut) notes.cut++
        yield cellOf(interval, own, name, at, value as AnyCell['value'])
      }
    }
  }

  const source = {
    cells,
    async *names({
      prefix = '',
      after,
    }: {
      readonly prefix?: string | undefined
      readonly after?: string | undefined
    } = {}) {
      for (const name of await sortedNames())
        if (name.startsWith(prefix) && (after === undefined || compareCodePoints(name, after) > 0)) yield name
    },
    report: () => ({ ...notes.report, limits: store.limits }),
    close: () => store.close(),
    [CONFIG]: () => config,
  }
  return source
}

function cellOf(
  interval: CheckedInterval,
  { buckets, steps }: Interval,
  name: string,
  at: Place,
  value: AnyCell['value'],
): AnyCell {
  const { start, resolutionStart } = at
  const bucket = buckets.bucketOf(start)
  return {
    name,
    interval: interval.name,
    start,
    ...(resolutionStart !== undefined && { resolutionStart }),
    value,
    expires: steps === null ? null : buckets.startOf(buckets.bucketAt(buckets.ordinalOf(bucket) + steps)),
    cursor: cursorText({ interval: interval.name, name, start, resolutionStart: resolutionStart ?? null }),
  }
}

/** The parts of each cell, which follow one another. */
async function* wholeCells(parts: AsyncIterable<RawCell>): AsyncGenerator<readonly RawCell[]> {
  let cell: RawCell[] = []
  for await (const part of parts) {
    const [first] = cell
    if (first !== undefined && (first.name !== part.name || first.i !== part.i || first.r !== part.r)) {
      yield cell
      cell = []
    }
    cell.push(part)
  }
  if (cell.length > 0) yield cell
}

function inOrder(intervals: readonly CheckedInterval[]): CheckedInterval[] {
  return [...intervals].sort((one, other) => (one.name < other.name ? -1 : 1))
}

function nameFilter(only: LegacyOptions['names']): (name: string) => boolean {
  if (only === undefined) return () => true
  if (typeof only === 'function') return only
  const names = new Set(only)
  return (name) => names.has(name)
}
