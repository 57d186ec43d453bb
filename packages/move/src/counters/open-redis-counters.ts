import { checkKeys, describe, invalidOption, once } from '@kairos/core/driver'
import { scalarOf } from '../cells/cell-json.ts'
import { type ListedCell, listedSource } from '../listed/listed-source.ts'
import { Losses } from '../listed/losses.ts'
import type { ForeignSource } from '../listed/types.ts'
import { openRedis, type SendCommand, scanKeys } from '../redis/redis-client.ts'
import { momentsOf } from './moments.ts'
import { type KeyTemplate, keyTemplate } from './template.ts'

/** Which keys are counters, and of what. */
export interface RedisCountersOptions {
  /** What the keys look like: `'views:{name}:{yyyy}{MM}{dd}{HH}'`, down to any of `{yyyy}`, `{MM}`, `{dd}`, `{HH}`, `{mm}`. */
  readonly keys: string
  /** Whose counters they are, where keys have no `{name}`. */
  readonly name?: string | undefined
  /** By the clock of which zone the keys were written; default UTC. */
  readonly zone?: string | undefined
}

/** Keys that are asked for together. */
const BATCH = 1_000

/**
 * Opens counters that your own program has kept in Redis by `INCR` and the like, to be read like a timeseries of counts with one interval: `'minute'`, `'hour'`, `'day'`, `'month'`
 * or `'year'`, by the finest part of the keys. By your client (ioredis, node-redis) or a URL. The keys are listed once, and only read.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const old = await openRedisCounters('redis://localhost', { keys: 'views:{name}:{yyyy}{MM}{dd}{HH}' })
 * await migrate(old, views, { intervals: ['hour'] })
 * console.log(old.report())
 */
export async function openRedisCounters(store: string | object, options: RedisCountersOptions): Promise<ForeignSource> {
  checkKeys(options, ['keys', 'name', 'zone'], { owner: 'openRedisCounters' })
  const template = keyTemplate(options.keys, options.name)
  const { config, startOf } = await momentsOf(template.finest, options.zone ?? 'UTC')
  const opened = await openRedis(store)
  if (opened === undefined)
    throw invalidOption({
      path: 'store',
      expected: 'a redis: URL, or a client of ioredis or node-redis',
      value: typeof store === 'string' ? 'another URL' : store,
    })
  const { send, close } = opened
  const losses = new Losses()
  const index = once(() => listKeys(send, template))

  async function* cellsOf(name: string): AsyncGenerator<ListedCell> {
    const all = (await index()).get(name) ?? []
    for (let at = 0; at < all.length; at += BATCH) {
      const some = all.slice(at, at + BATCH)
      const keys = some.map((digits) => template.keyOf({ name, digits }))
      const values = (await send(['MGET', ...keys])) as readonly unknown[]
      for (const [own, digits] of some.entries()) {
        const [start, value] = [startOf(digits), numberOf(values[own])]
        if (start === undefined) losses.add('its digits are not the start of a bucket', keys[own]!)
        else if (values[own] === null) losses.add('it is gone, or is not a string', keys[own]!)
        else if (value === undefined) losses.add('its value is not a number', `${keys[own]}: ${describe(values[own])}`)
        else yield { start, value }
      }
    }
  }

  return listedSource({ config, names: async () => [...(await index()).keys()], cellsOf, losses, close })
}

/** The moments of each name, in order: eight bytes for each key. A scan may come to a key twice. */
async function listKeys(send: SendCommand, template: KeyTemplate): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>()
  for await (const key of scanKeys(send, template.prefix)) {
    const parsed = template.parse(key)
    if (parsed === undefined) continue
    const own = found.get(parsed.name)
    if (own === undefined) found.set(parsed.name, [parsed.digits])
    else own.push(parsed.digits)
  }
  return new Map(Array.from(found, ([name, digits]) => [name, [...new Set(digits)].sort((one, other) => one - other)]))
}

function numberOf(value: unknown): number | undefined {
  const number = scalarOf('float', String(value))
  return Number.isFinite(number) ? (number as number) : undefined
}
