import { compareCodePoints } from '@kairos/core/driver'

/** What a key of Redis is: an index of resolution buckets, or data. */
interface ParsedKey {
  readonly interval: string
  readonly name: string
  readonly i: number
  readonly r: number | null
  readonly isIndex: boolean
}

/**
 * Takes keys apart from the right, by the names of the configured intervals: names may hold colons and look like keys. Undefined: a key of something
 * else.
 */
export function keyParser(
  prefix: string,
  intervals: readonly { readonly name: string; readonly fine: boolean }[],
): (key: string) => ParsedKey | undefined {
  const nameIn = (head: string, interval: string): string | undefined =>
    head.endsWith(`:${interval}`) ? head.slice(0, -interval.length - 1) : undefined
  return (key) => {
    if (!key.startsWith(prefix)) return undefined
    const last = cutNumber(key.slice(prefix.length))
    if (last === undefined) return undefined
    for (const { name: interval, fine } of intervals) {
      const name = nameIn(last.head, interval)
      if (name !== undefined) return { interval, name, i: last.number, r: null, isIndex: fine }
    }
    const before = cutNumber(last.head)
    if (before === undefined) return undefined
    for (const { name: interval, fine } of intervals) {
      const name = fine ? nameIn(before.head, interval) : undefined
      if (name !== undefined) return { interval, name, i: before.number, r: last.number, isIndex: false }
    }
    return undefined
  }
}

function cutNumber(text: string): { readonly head: string; readonly number: number } | undefined {
  const match = /^(.*):(-?\d{1,16})$/s.exec(text)
  return match === null ? undefined : { head: match[1]!, number: Number(match[2]) }
}

/** The buckets of every name that has keys: sixteen bytes for each cell, so that they can be put in order. */
export class KeyIndex {
  readonly #cells = new Map<string, Map<string, number[]>>()
  readonly #indexes = new Map<string, Map<string, number[]>>()

  add({ interval, name, i, r, isIndex }: ParsedKey): void {
    const names = mapIn(isIndex ? this.#indexes : this.#cells, interval, () => new Map<string, number[]>())
    const buckets = mapIn(names, name, () => [] as number[])
    if (isIndex) buckets.push(i)
    else buckets.push(i, r ?? 0)
  }

  get names(): Set<string> {
    return new Set([...this.#cells.values()].flatMap((names) => [...names.keys()]))
  }

  /** The names of an interval in the order of their code points. */
  namesOf(interval: string): string[] {
    return [
      ...new Set([...(this.#cells.get(interval)?.keys() ?? []), ...(this.#indexes.get(interval)?.keys() ?? [])]),
    ].sort(compareCodePoints)
  }

  /** The cells of a name, ascending, each once: a scan may come to a key twice. */
  cellsOf(interval: string, name: string): { readonly i: number; readonly r: number }[] {
    const flat = this.#cells.get(interval)?.get(name) ?? []
    const cells = Array.from({ length: flat.length / 2 }, (_, at) => ({ i: flat[at * 2]!, r: flat[at * 2 + 1]! }))
    cells.sort((one, other) => one.i - other.i || one.r - other.r)
    return cells.filter(({ i, r }, at) => i !== cells[at - 1]?.i || r !== cells[at - 1]?.r)
  }

  /** The buckets of a name that have an index. */
  indexesOf(interval: string, name: string): readonly number[] {
    return [...new Set(this.#indexes.get(interval)?.get(name) ?? [])]
  }
}

function mapIn<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
