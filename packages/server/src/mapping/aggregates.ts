import { invalidOption } from '@kairos/core/driver'
import type { Aggregate } from '../config/types.ts'
import { compilePattern } from './pattern.ts'

/** The most names that one name may have as aggregates, those of aggregates included: their captures may make ever new ones. */
const MOST = 100

/** Whether another aggregate may be added to a name and those that it has: there are at most 100, none longer than a name may be. */
export function isAllowed(aggregate: string, names: ReadonlySet<string>, maxNameBytes: number): boolean {
  return names.size <= MOST && Buffer.byteLength(aggregate) <= maxNameBytes
}

/** The aggregates of one name, without theirs. */
export type Aggregates = (name: string) => readonly string[]

const CAPTURE = /<([A-Za-z_$][\w$]*)>/g

/** @throws KAIROS_INVALID_CONFIG */
export function compileAggregates(aggregates: readonly Aggregate[] = []): Aggregates {
  if (!Array.isArray(aggregates))
    throw invalidOption({ path: 'aggregates', expected: 'a list of [name, pattern]', value: aggregates })
  const all = aggregates.map((aggregate: unknown, index) => compiled(aggregate, `aggregates[${index}]`))
  return (name) => [...new Set(all.flatMap((aggregate) => aggregate(name)))].filter((found) => found !== name)
}

function compiled(aggregate: unknown, path: string): Aggregates {
  if (!Array.isArray(aggregate) || aggregate.length !== 2)
    throw invalidOption({
      path,
      expected: "[name, pattern], such as ['app.<status>', 'app.*.<status>']",
      value: aggregate,
    })
  const [target, pattern] = aggregate as [unknown, unknown]
  if (typeof target !== 'string' || target === '')
    throw invalidOption({ path: `${path}[0]`, expected: 'the name of the aggregate', value: target })
  const { captures, match } = compilePattern(pattern, `${path}[1]`)
  const unknown = Array.from(target.matchAll(CAPTURE), ([, name]) => name!).find((name) => !captures.includes(name))
  if (unknown !== undefined) {
    const known = captures.length === 0 ? 'none' : captures.map((name) => `<${name}>`).join(', ')
    throw invalidOption({
      path: `${path}[0]`,
      expected: `a name with captures of its pattern only (${known})`,
      value: target,
    })
  }
  return (name) => {
    const found = match(name)
    return found === undefined ? [] : [target.replace(CAPTURE, (_, capture: string) => found[capture] ?? '')]
  }
}
