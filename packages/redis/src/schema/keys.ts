import type { TimeseriesType } from '@kairos/core/driver'

/**
 * Of ASCII and the control characters behind it all but the unreserved characters of URLs: nothing that could end a part of a key, a hash tag
 * or a pattern. By numbers alone, since the tables of Unicode differ from one engine to the next.
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

/** What stands before all keys: the prefix with each of its parts escaped, and a colon. */
export function keyPrefix(prefix: string): string {
  const parts = prefix.split(':').map(escapePart).join(':')
  return parts === '' || parts.endsWith(':') ? parts : `${parts}:`
}

/**
 * The shard of a name, from 0 to `shards` - 1: FNV-1a of 32 bits over the code units of the escaped name. All keys of a name lie in its shard,
 * and all keys of a shard in one slot.
 */
export function shardOf(escapedName: string, shards: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < escapedName.length; index++)
    hash = Math.imul(hash ^ escapedName.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % shards
}

/**
 * The keys of one type under one prefix. `{n}` is a hash tag: Cluster takes only what is inside it for the slot.
 *
 *     {prefix}{type}:schema                          what was recorded by `open`
 *     {prefix}{type}:{shard}:{interval}              registry: names, scored by their newest chunk
 *     {prefix}{type}:{shard}:{interval}:{name}       index: the chunks of a name
 *     {prefix}{type}:{shard}:{interval}:{name}:{chunk}    data
 *     {prefix}{type}:{shard}!{batch}                 a batch that is not to be written twice
 */
export class Keys {
  readonly schema: string
  readonly shards: number
  readonly #root: string

  constructor(prefix: string, type: TimeseriesType, shards: number) {
    this.#root = `${prefix}${type}:`
    this.schema = `${this.#root}schema`
    this.shards = shards
  }

  /** `interval` as `intervalPart` spells it. */
  registry(shard: number, interval: string): string {
    return `${this.#root}{${shard}}:${interval}`
  }

  /** `name` as `escapePart` spells it. */
  index(shard: number, interval: string, name: string): string {
    return `${this.registry(shard, interval)}:${name}`
  }

  marker(shard: number, batch: string): string {
    return `${this.#root}{${shard}}!${escapePart(batch)}`
  }
}

/** An interval whose record was replaced keeps its new data apart from the old under the same name. */
export function intervalPart(interval: string, generation: number): string {
  return generation === 0 ? escapePart(interval) : `${escapePart(interval)}@${generation}`
}
