import { hashText, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'

/**
 * Everything up to U+00A0 except the unreserved characters of URLs, so that a part of a key cannot end a part, a hash tag or a pattern. Given by
 * numbers, since Unicode tables differ between engines.
 */
const RESERVED = /[^A-Za-z0-9._~\u00a1-\uffff-]/g

/** A part of a key: each reserved code unit becomes `%` and four hexadecimal digits, so that different texts stay different. */
export function escapePart(text: string): string {
  return text.replace(RESERVED, (character) => `%${hexadecimal(character.charCodeAt(0))}`)
}

export function unescapePart(part: string): string {
  return part.replace(/%([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function hexadecimal(codeUnit: number): string {
  return codeUnit.toString(16).padStart(4, '0')
}

/** The start of all keys: the prefix, with each of its parts escaped, and a colon. */
export function keyPrefix(prefix: string): string {
  const parts = prefix.split(':').map(escapePart).join(':')
  return parts === '' || parts.endsWith(':') ? parts : `${parts}:`
}

/**
 * The shard of a name, from 0 to `shards` - 1: 32-bit FNV-1a over the code units of the escaped name. All keys of a name are in its shard, and all
 * keys of a shard are in one slot.
 */
export function shardOf(escapedName: string, shards: number): number {
  return hashText(escapedName) % shards
}

/**
 * The keys of one timeseries under one prefix. `{n}` is a hash tag: Cluster derives the slot from it alone. `{place}` is the type, or the type and the
 * name: `count`, `count.views`.
 *
 *     {prefix}places                                  the places that have been opened, a set
 *     {prefix}{place}:schema                          the records, a hash
 *     {prefix}{place}:{shard}:{interval}              registry: the names, scored by their newest chunk
 *     {prefix}{place}:{shard}:{interval}/names        the same names, unescaped, in the order of their bytes
 *     {prefix}{place}:{shard}:{interval}:{name}       index: the chunks of the name
 *     {prefix}{place}:{shard}:{interval}:{name}:{chunk}    data
 *     {prefix}{place}:{shard}!{batch}                 the marker of a batch that must be written only once
 */
export class Keys {
  readonly places: string
  /** What the set of places has for this timeseries. */
  readonly place: string
  readonly schema: string
  readonly shards: number
  /** What all keys with data begin with. */
  readonly root: string

  constructor(prefix: string, schema: Pick<StoreSchema<TimeseriesType>, 'type' | 'name'>, shards: number) {
    this.places = placesKey(prefix)
    this.place = schema.name === undefined ? schema.type : `${schema.type}.${schema.name}`
    this.root = `${prefix}${this.place}:`
    this.schema = schemaKey(prefix, this.place)
    this.shards = shards
  }

  /** `interval` comes from `intervalPart`. */
  registry(shard: number, interval: string): string {
    return `${this.root}{${shard}}:${interval}`
  }

  /** `name` comes from `escapePart`. */
  index(shard: number, interval: string, name: string): string {
    return `${this.registry(shard, interval)}:${name}`
  }

  marker(shard: number, batch: string): string {
    return `${this.root}{${shard}}!${escapePart(batch)}`
  }
}

export function placesKey(prefix: string): string {
  return `${prefix}places`
}

/** The key with the records of a place. */
export function schemaKey(prefix: string, place: string): string {
  return `${prefix}${place}:schema`
}

/** The name of a timeseries, from its place; undefined if it has none. */
export function nameOfPlace(place: string): string | undefined {
  const dot = place.indexOf('.')
  return dot === -1 ? undefined : place.slice(dot + 1)
}

/** How keys spell an interval. After its record is replaced, the generation keeps its new data apart from the old. */
export function intervalPart(interval: string, generation: number): string {
  return generation === 0 ? escapePart(interval) : `${escapePart(interval)}@${generation}`
}
