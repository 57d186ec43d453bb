import { align, mapRows } from '../aligned.ts'
import { eachMade } from '../each-made.ts'
import { type Family, graphiteFunction } from '../graphite-function.ts'
import { shortNumber } from '../number-text.ts'
import { float, limitOrInfinity, optional, series } from '../params.ts'
import { made, type Series } from '../series.ts'

type Values = readonly (number | null)[]

/** Fills runs of holes: `fill` gets the values on both sides, and how far in, counted from 1. Holes at the beginning stay. */
function filled(
  values: Values,
  limit: number,
  fill: (before: number, after: number | null, at: number, length: number) => number | null,
): (number | null)[] {
  const made = [...values]
  let before = -1
  for (let at = 0; at <= values.length; at++) {
    const value = at < values.length ? values[at]! : null
    if (at < values.length && value === null) continue
    const length = at - before - 1
    if (before >= 0 && length > 0 && length <= limit)
      for (let hole = 1; hole <= length; hole++) made[before + hole] = fill(values[before]!, value, hole, length)
    before = at
  }
  return made
}

function keeping(name: string, description: string, keeps: (value: number, n: number) => boolean) {
  return graphiteFunction({
    group: 'Filter Data',
    description,
    params: { seriesList: series, n: float },
    oneByOne: true,
    run: ({ seriesList, n }) =>
      seriesList.map((series) =>
        made(series, `${name}(${series.name}, ${shortNumber(n)})`, {
          values: series.values.map((value) => (value !== null && keeps(value, n) ? value : null)),
        }),
      ),
  })
}

function changes(values: Values): number[] {
  let previous: number | null = null
  return values.map((value) => {
    const changed = previous !== null && value !== null && value !== previous
    previous = value ?? previous
    return changed ? 1 : 0
  })
}

const inName = (name: string, { name: of }: Series): string => `${name}(${of})`

export const gapFunctions: Family = {
  keepLastValue: graphiteFunction({
    group: 'Transform',
    description: 'Fills gaps with the last value before them; gaps of more than limit points stay.',
    params: { seriesList: series, limit: optional(limitOrInfinity, Number.POSITIVE_INFINITY) },
    oneByOne: true,
    run: ({ seriesList, limit }) =>
      seriesList.map((series) =>
        made(series, inName('keepLastValue', series), { values: filled(series.values, limit, (before) => before) }),
      ),
  }),
  interpolate: graphiteFunction({
    group: 'Transform',
    description: 'Fills gaps on a line between the values on both sides; gaps of more than limit points stay.',
    params: { seriesList: series, limit: optional(limitOrInfinity, Number.POSITIVE_INFINITY) },
    oneByOne: true,
    run: ({ seriesList, limit }) =>
      seriesList.map((series) =>
        made(series, inName('interpolate', series), {
          values: filled(series.values, limit, (before, after, at, length) =>
            after === null ? null : before + (at * (after - before)) / (length + 1),
          ),
        }),
      ),
  }),
  transformNull: graphiteFunction({
    group: 'Transform',
    description: 'Shows gaps as a number; with referenceSeries, only where one of these has a value.',
    params: { seriesList: series, default: optional(float, 0), referenceSeries: optional(series, null) },
    async run({ seriesList, default: number, referenceSeries }, scope) {
      const rows = referenceSeries === null ? null : await align(referenceSeries, scope)
      const shown = rows === null ? [] : await mapRows(rows, (row) => row.some((other) => other !== null), scope)
      const reference = rows === null ? '' : ',referenceSeries'
      return eachMade(seriesList, scope, (series) => [
        made(series, `transformNull(${series.name},${shortNumber(number)}${reference})`, {
          values: series.values.map((value, index) => {
            const at = rows === null ? 0 : Math.floor((series.start + index * series.step - rows.start) / rows.step)
            const there = rows === null || shown[at] === true
            return value ?? (there ? number : null)
          }),
        }),
      ])
    },
  }),
  isNonNull: graphiteFunction({
    group: 'Transform',
    description: '1 where there is a value, otherwise 0.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) =>
        made(series, inName('isNonNull', series), { values: series.values.map((value) => (value === null ? 0 : 1)) }),
      ),
  }),
  changed: graphiteFunction({
    group: 'Transform',
    description: '1 where a value differs from the one before, otherwise 0.',
    params: { seriesList: series },
    oneByOne: true,
    run: ({ seriesList }) =>
      seriesList.map((series) => made(series, inName('changed', series), { values: changes(series.values) })),
  }),
  removeAboveValue: keeping('removeAboveValue', 'Leaves out values above n.', (value, n) => value <= n),
  removeBelowValue: keeping('removeBelowValue', 'Leaves out values below n.', (value, n) => value >= n),
}
