import type { CellData } from '@kairos/core'
import type { Settings } from '@kairos/core/calls'
import { invalidOption } from '@kairos/core/driver'

/** What becomes of a cell of the source in the target. */
export interface Conversion {
  /** `seconds`: where its bucket starts. */
  convert(value: CellData, seconds: number): CellData
  /** It changes nothing. */
  readonly isSame?: true
  /** The same from finer buckets says more. */
  readonly prefersFine: boolean
  /** What gets lost, in words. */
  readonly note?: string
}

/** @throws KAIROS_INVALID_CONFIG where there is no way from the one type to the other */
export function conversionOf(source: Settings, target: Settings): Conversion {
  if (source.record === target.record) return { convert: (value) => value, isSame: true, prefersFine: false }
  const conversion =
    source.type === target.type
      ? widening(source, target)
      : CONVERSIONS[`${source.type} to ${target.type}`]?.(source, target)
  if (conversion !== undefined) return conversion
  throw invalidOption({
    path: 'target',
    expected: `a timeseries of ${shown(source)}${alternativeOf(source)}`,
    value: shown(target),
  })
}

function shown({ type, valueType, accuracy, precision }: Settings): string {
  const parts = [valueType, accuracy === null ? null : `accuracy ${accuracy}`, precision && `precision ${precision}`]
  const all = parts.filter((part) => part !== null)
  return all.length === 0 ? type : `${type} (${all.join(', ')})`
}

function alternativeOf({ type, valueType }: Settings): string {
  if (type === 'count') return ' or summary'
  if (type === 'set') return ` or unique (${valueType})`
  return type === 'histogram' && isNumeric(valueType) ? ' or distribution' : ''
}

function isNumeric(valueType: Settings['valueType']): boolean {
  return valueType === 'float' || valueType === 'int' || valueType === 'int64'
}

/** From values to all that another valueType can hold too. */
const WIDER: Readonly<Record<string, ((value: unknown) => unknown) | undefined>> = {
  'int to float': (value) => value,
  'int to int64': (value) => BigInt(value as number),
  'string to text': (value) => value,
  'text to string': (value) => value,
}

function widening(source: Settings, { rules, valueType }: Settings): Conversion | undefined {
  const each = WIDER[`${source.valueType} to ${valueType}`]
  return each && { convert: (value) => rules.decode(value as never, each) as CellData, prefersFine: false }
}

type Convert = (source: Settings, target: Settings) => Conversion | undefined

const CONVERSIONS: Readonly<Record<string, Convert>> = {
  'count to summary': (_source, { rules }) => ({
    convert: (value, seconds) => accumulated(rules, [[value as number, 1]], seconds),
    prefersFine: true,
    note: 'a count does not hold single values: each bucket of the source becomes one value, so that sums are exact, and count, min, max and last are those of its buckets',
  }),
  'histogram to distribution': ({ valueType }, { rules, accuracy }) => {
    if (!isNumeric(valueType)) return undefined
    return {
      convert: (value) => accumulated(rules, value as ReadonlyMap<number, number>),
      prefersFine: false,
      note: `a distribution does not hold single values: each becomes one that is within ${accuracy! * 100} % of it`,
    }
  },
  'set to unique': (source, { rules, valueType, precision }) => {
    if (source.valueType !== valueType) return undefined
    const error = 104 / Math.sqrt(2 ** precision!)
    return {
      convert: (value) =>
        accumulated(
          rules,
          Array.from(value as ReadonlySet<string>, (member) => [member, 1] as const),
        ),
      prefersFine: false,
      note: `a unique does not hold its members: only how many they are, to about ${error.toFixed(1)} %`,
    }
  },
}

function accumulated(
  rules: Settings['rules'],
  values: Iterable<readonly [number | string, number]>,
  seconds?: number,
): CellData {
  let change: ReturnType<Settings['rules']['accumulate']> | undefined
  for (const [value, times] of values) {
    const scalar = typeof value === 'bigint' && rules.counts ? Number(value) : value
    change = rules.accumulate(change, rules.prepare?.(scalar) ?? scalar, times, seconds)
  }
  return (rules.settle?.(change!) ?? change) as CellData
}
