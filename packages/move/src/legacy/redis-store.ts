import type { CheckedConfig } from '@kairos/core/calls'
import { compareCodePoints, mapConcurrently, once } from '@kairos/core/driver'
import { type SendCommand, scanKeys } from '../redis/redis-client.ts'
import { KeyIndex, keyParser } from './redis-keys.ts'
import type { LegacyStore, LegacyType, Notes, RawCell, RawContent, RawQuery, RawValue } from './types.ts'

/** How many keys are asked for together. */
const CONCURRENCY = 256

const LIMITS = [
  'Redis holds text: 5 and "5" were one value, 5 and 5.0 two; the valueType says what they are',
  'a count of 0 without a resolution was never written',
]

interface Reading {
  readonly command: readonly [name: string, ...rest: string[]]
  content(reply: unknown): RawContent | null
}

const READINGS: Readonly<Record<LegacyType, Reading>> = {
  series: { command: ['LRANGE', '0', '-1'], content: (reply) => listOf(reply) },
  set: { command: ['SMEMBERS'], content: (reply) => listOf(reply) },
  histogram: { command: ['HGETALL'], content: pairsOf },
  count: { command: ['GET'], content: oneOf },
  gauge: { command: ['GET'], content: oneOf },
}

/** Reads keys `prefix name:interval:i[:r]`, and the indexes of resolution buckets at `prefix name:interval:i`. */
export function redisStore(
  send: SendCommand,
  { type, intervals }: CheckedConfig,
  prefix: string,
  notes: Notes,
  close: () => Promise<void>,
): LegacyStore {
  const { command, content } = READINGS[type as LegacyType]
  const full = prefix === '' || prefix.endsWith(':') ? prefix : `${prefix}:`

  const index = once(async () => {
    const parse = keyParser(
      full,
      intervals.map(({ name, resolution }) => ({ name, fine: resolution !== null })),
    )
    const found = new KeyIndex()
    for await (const key of scanKeys(send, full)) {
      const parsed = parse(key)
      if (parsed === undefined) notes.skip()
      else found.add(parsed)
    }
    return found
  })

  /** Null where the key holds something else, or is gone. */
  async function read(key: string): Promise<RawContent | null> {
    try {
      const [name, ...rest] = command
      return content(await send([name, key, ...rest]))
    } catch (error) {
      if (!isWrongType(error)) throw error
      notes.skip()
      return null
    }
  }

  /** Resolution buckets that an index names and that have no data. */
  async function noteMissing(
    keys: KeyIndex,
    interval: string,
    name: string,
    cells: readonly { i: number; r: number }[],
  ): Promise<void> {
    const found = new Set(cells.map(({ i, r }) => `${i}:${r}`))
    await mapConcurrently(CONCURRENCY, keys.indexesOf(interval, name), async (i) => {
      const key = `${full}${name}:${interval}:${i}`
      const members = await send(['SMEMBERS', key]).catch((error: unknown) => {
        if (!isWrongType(error)) throw error
        notes.skip()
        return []
      })
      for (const member of listIn(members))
        if (/^-?\d+$/.test(member) && !found.has(`${i}:${member}`)) notes.lose('missing', `${key}:${member}`)
    })
  }

  return {
    limits: LIMITS,
    async names() {
      return (await index()).names
    },
    async *cells({ interval, fine, names, from }: RawQuery): AsyncGenerator<RawCell> {
      const keys = await index()
      const wanted = names === undefined ? undefined : new Set(names)
      for (const name of keys.namesOf(interval)) {
        if (wanted?.has(name) === false) continue
        if (from !== undefined && compareCodePoints(name, from) < 0) continue
        const cells = keys.cellsOf(interval, name)
        if (fine) await noteMissing(keys, interval, name, cells)
        for (let at = 0; at < cells.length; at += CONCURRENCY) {
          const some = cells.slice(at, at + CONCURRENCY)
          const contents = await Promise.all(
            some.map(({ i, r }) => read(`${full}${name}:${interval}:${i}${fine ? `:${r}` : ''}`)),
          )
          for (const [index, value] of contents.entries())
            if (value !== null) yield { name, i: some[index]!.i, r: fine ? some[index]!.r : null, value }
        }
      }
    },
    close,
  }
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE')
}

function listIn(reply: unknown): string[] {
  return Array.from(reply as Iterable<unknown>, String)
}

function listOf(reply: unknown): RawContent | null {
  const values = listIn(reply)
  return values.length === 0 ? null : { values }
}

/** Clients give a hash as a flat list, a Map or an object. */
function pairsOf(reply: unknown): RawContent | null {
  const pairs: (readonly [RawValue, RawValue])[] = []
  if (Array.isArray(reply))
    for (let at = 0; at < reply.length; at += 2) pairs.push([String(reply[at]), String(reply[at + 1])])
  else
    for (const [key, value] of reply instanceof Map ? reply : Object.entries(reply as object))
      pairs.push([String(key), String(value)])
  return pairs.length === 0 ? null : { pairs }
}

function oneOf(reply: unknown): RawContent | null {
  return reply === null || reply === undefined ? null : { one: String(reply) }
}
