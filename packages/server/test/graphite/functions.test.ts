import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/graphite/budget.ts'
import { evaluateTarget } from '../../src/graphite/evaluation.ts'
import { parseGlob } from '../../src/graphite/globs.ts'
import { parseTarget } from '../../src/graphite/parse-target.ts'
import type { Reading, SeriesSource } from '../../src/graphite/scope.ts'
import { type Series, tagsOf } from '../../src/graphite/series.ts'
import { parseTagExpressions } from '../../src/graphite/tag-matcher.ts'
import { zoneClock } from '../../src/graphite/zone-clock.ts'
import vectors from '../vectors/graphite-web.json' with { type: 'json' }

type Values = readonly (number | null)[]
type Expected = readonly [name: string, start: number, step: number, values: Values]

const range = { start: vectors.start, end: vectors.end }
const data = Object.entries(vectors.data as unknown as Record<string, [start: number, step: number, values: Values]>)

/** The points of the vectors, read as graphite-web reads its files. */
const source: SeriesSource = {
  async find(pattern, reading) {
    const glob = parseGlob(pattern, { spend: () => {} })
    return seriesOf((name) => glob.matches(name), pattern, reading)
  },
  async tagged(expressions, reading) {
    const matcher = parseTagExpressions(expressions, { spend() {} })
    return seriesOf((name) => matcher.matches(tagsOf(name)), '', reading)
  },
}

function seriesOf(matches: (name: string) => boolean, path: string, { start, end }: Reading): Series[] {
  return data
    .filter(([name]) => matches(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, [from, step, all]]) => {
      const first = Math.max(0, Math.ceil((start - from) / step))
      const values = all.slice(first, Math.max(first, Math.ceil((end - from) / step)))
      const begins = from + first * step
      return {
        name,
        path,
        start: begins,
        end: begins + values.length * step,
        step,
        values,
        consolidation: 'average',
        xFilesFactor: 0,
        tags: tagsOf(name),
      }
    })
}

function evaluated(target: string, cost = 10_000_000): Promise<readonly Series[]> {
  return evaluateTarget(parseTarget(target), {
    source,
    range,
    now: vectors.end,
    clock: zoneClock('UTC'),
    xFilesFactor: 0,
    maxPoints: 10_000,
    shownPoints: 10_000,
    budget: new Budget(cost),
    signal: new AbortController().signal,
  })
}

/** Where graphite-web is wrong, and what is right. */
const DEFECTS: Readonly<Record<string, (expected: Expected) => Expected>> = {
  // The name says what was added.
  'add(web.a.hits,-3.5)': ([, ...rest]) => ['add(web.a.hits,-3.5)', ...rest],
  // A point's value has that point in it, not only the one before it.
  'exponentialMovingAverage(web.a.hits,10)': withoutFirst,
  'exponentialMovingAverage(web.a.hits,"10min")': withoutFirst,
}

function withoutFirst([name, start, step, values]: Expected): Expected {
  return [name, start, step, values.slice(1)]
}

/** As the vectors are written: with 12 significant digits. */
function rounded({ name, start, step, values }: Series): Expected {
  return [name, start, step, values.map((value) => (value === null ? null : Number(value.toPrecision(12))))]
}

describe('functions answer as graphite-web does', () => {
  it.each(vectors.cases as unknown as [string, Expected[]][])('%s', async (target, expected) => {
    expect((await evaluated(target)).map(rounded)).toEqual(
      expected.map((series) => DEFECTS[target]?.(series) ?? series),
    )
  })
})
