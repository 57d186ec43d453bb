import { KairosError, type NamesOptions } from '@kairos/core'
import { type CheckedConfig, CONFIG, type Interval, settingsOf } from '@kairos/core/calls'
import { checkKeys, compareCodePoints, describe, invalidOption } from '@kairos/core/driver'
import { cursorText, type SourceCursor } from '../cells/cursor.ts'
import { Selection, selectedNames } from '../cells/selection.ts'
import type { AnyCell } from '../cells/source.ts'
import { openRedis } from '../redis/redis-client.ts'
import { legacyConfig } from './config.ts'
import { contentOf } from './content.ts'
import { isMongoClient, mongoAt, mongoStore } from './mongo-store.ts'
import { ReportNotes } from './notes.ts'
import { placeOf } from './place.ts'
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
  checkKeys(options, OPTIONS, { owner: 'openLegacy' })
  const config = legacyConfig(options)
  const notes = new ReportNotes()
  const opened = await openStore(store, config, options, notes)
  const { intervals } = await settingsOf(config)
  return legacySource(opened, config, intervals, options, notes)
}

async function openStore(
  given: unknown,
  config: CheckedConfig,
  options: LegacyOptions,
  notes: ReportNotes,
): Promise<LegacyStore> {
  const { prefix = '', tableName = config.type, database = 'kairos', escapeCharacter = '\uffff' } = options
  if (typeof escapeCharacter !== 'string' || escapeCharacter === '')
    throw invalidOption({ path: 'escapeCharacter', expected: 'a character', value: escapeCharacter })
  const store = typeof given === 'string' ? given.replace(/^kairos-py\+/, '') : given
  const redis = await openRedis(store)
  if (redis !== undefined) return redisStore(redis.send, config, prefix, notes, redis.close)
  if (typeof store === 'string') {
    checkNoSet(config)
    const scheme = /^([a-z]+):/.exec(store)?.[1]
    if (scheme === 'mongodb') {
      const { client, close } = await mongoAt(store)
      return mongoStore(client, config, { database, escapeCharacter }, notes, close)
    }
    if (scheme === 'sqlite') {
      const opened = await sqliteFile(decodeURIComponent(store.replace(/^sqlite:(\/\/(?=\/))?/, '')))
      return sqlStore(opened.database, config, tableName, opened.close)
    }
    if (['postgres', 'postgresql', 'mysql', 'mariadb'].includes(scheme ?? '')) {
      const opened = await sqlServer(store)
      return sqlStore(opened.database, config, tableName, opened.close)
    }
  } else if (typeof store === 'object' && store !== null) {
    checkNoSet(config)
    const close = async (): Promise<void> => {}
    if (isMongoClient(store)) return mongoStore(store, config, { database, escapeCharacter }, notes, close)
    if (isSqlClient(store)) return sqlStore(sqlDatabase(store), config, tableName, close)
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
      'type must be one that Python kairos kept in this store, not "set", which it kept only in Redis',
      {
        feature: 'type',
      },
    )
}

function legacySource(
  store: LegacyStore,
  config: CheckedConfig,
  inOrder: readonly Interval[],
  { names: only }: LegacyOptions,
  notes: ReportNotes,
): LegacySource {
  const isWanted = nameFilter(only)

  async function sortedNames(): Promise<string[]> {
    const names = [...new Set(await store.names())].filter((name) => name !== '' && isWanted(name))
    return names.sort(compareCodePoints)
  }

  async function* cells(options: LegacyCellsOptions = {}): AsyncGenerator<AnyCell> {
    const { signal } = options
    const selection = new Selection(options)
    const names = selection.names && [...selection.names]
    for (const own of inOrder) {
      const interval = own.name
      if (!selection.hasInterval(interval)) continue
      const query = { interval, fine: own.resolution !== null, names, from: selection.firstName(interval) }
      const placeAt = placeOf(config.intervals.find(({ name }) => name === interval)!)
      for await (const parts of wholeCells(store.cells(query))) {
        signal?.throwIfAborted()
        const [{ name, i, r }] = parts as [RawCell]
        if (!selection.hasPrefix(name) || !isWanted(name)) continue
        const where = `${name} ${interval} ${i}${r === null ? '' : ` ${r}`}`
        const at = placeAt(i, r)
        if (name === '' || typeof at === 'string') {
          notes.lose(name === '' ? 'name' : (at as 'bucket' | 'outside'), where)
          continue
        }
        const place = { interval, name, start: at.start, resolutionStart: at.resolutionStart ?? null }
        if (!selection.has(place, own)) continue
        const value = contentOf(config, parts, where, notes)
        if (value === undefined) continue
        notes.cells++
        if (at.isCut) notes.cut++
        yield cellOf(own, place, value as AnyCell['value'])
      }
    }
  }

  const source = {
    cells,
    async *names(options: NamesOptions = {}) {
      yield* selectedNames(await sortedNames(), options)
    },
    report: () => ({ ...notes.report, limits: store.limits }),
    close: () => store.close(),
    [CONFIG]: () => config,
  }
  return source
}

function cellOf({ buckets, steps }: Interval, place: SourceCursor, value: AnyCell['value']): AnyCell {
  const { name, interval, start, resolutionStart } = place
  const bucket = buckets.bucketOf(start)
  return {
    name,
    interval,
    start,
    ...(resolutionStart !== null && { resolutionStart }),
    value,
    expires: steps === null ? null : buckets.startOf(buckets.bucketAt(buckets.ordinalOf(bucket) + steps)),
    cursor: cursorText(place),
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

function nameFilter(only: LegacyOptions['names']): (name: string) => boolean {
  if (only === undefined) return () => true
  if (typeof only === 'function') return only
  const names = new Set(only)
  return (name) => names.has(name)
}
