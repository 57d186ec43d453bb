import type { TimeseriesType } from './contract/cells.ts'
import { describe } from './internal/describe.ts'
import { invalidOption, must } from './internal/invalid-option.ts'
import { isObject, isRecord } from './internal/kinds.ts'
import {
  between,
  checkOption,
  FLAG,
  FUNCTION,
  MILLISECONDS,
  optionsBy,
  type Rule,
  type Rules,
} from './internal/rules.ts'
import type { CheckedConfig, CheckedInterval } from './settings.ts'
import { fanOut } from './time/nesting.ts'
import { stepAt } from './time/step.ts'
import { parseDays, parseZone } from './time/zone-option.ts'
import { ORIGINAL_TYPES } from './toolkit/original-types.ts'
import { isKeyable, isValueType, VALUE_TYPES, type ValueType } from './values/value-types.ts'

/** The types that core knows; `types/index.ts` says what they mean. */
const TYPES: readonly TimeseriesType[] = [...ORIGINAL_TYPES, 'summary', 'distribution', 'unique']

/** Letters that every store's identifiers can hold, in some spelling. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/

/** What does not depend on other options; the others are checked below. */
const OPTIONS: Rules<keyof Given> = {
  name: [
    '1 to 100 of the characters A-Z a-z 0-9 _ . -, a letter first',
    (name) => typeof name === 'string' && NAME.test(name),
  ],
  zone: null,
  type: null,
  intervals: null,
  valueType: null,
  accuracy: null,
  precision: null,
  readFunc: null,
  writeFunc: FUNCTION,
  clientConfig: ['an object', isObject],
  now: FUNCTION,
  patience: MILLISECONDS,
  onRetry: FUNCTION,
  sweep: FLAG,
  labels: ['a list', Array.isArray],
}
const INTERVAL_OPTIONS: Rules<keyof GivenInterval> = {
  step: null,
  steps: /* @__PURE__ */ between('an integer of at least 1', 1),
  resolution: null,
  zone: null,
  offset: null,
}
const ACCURACY = /* @__PURE__ */ between('a number from 0.001 to 0.1', 0.001, 0.1, Number.isFinite)
const PRECISION = /* @__PURE__ */ between('a whole number from 8 to 16', 8, 16)

/** A configuration after its options were checked by their rules. */
type Given = Omit<CheckedConfig, Unchecked> & Readonly<Record<Unchecked, unknown>>
type Unchecked = 'zone' | 'intervals' | 'valueType' | 'accuracy' | 'precision'

/** The same of one interval. */
interface GivenInterval {
  readonly step: unknown
  readonly steps: number | undefined
  readonly resolution: unknown
  readonly zone: unknown
  readonly offset: unknown
}

/**
 * Checks a whole configuration.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function parseConfig(config: unknown): CheckedConfig {
  const given = optionsBy<Given>(OPTIONS, { sweep: true }, config, '')
  const { type, readFunc } = given
  must(TYPES.includes(type), 'type', `one of ${TYPES.join(', ')}`, type)
  const valueType = parseValueType(type, given.valueType)
  const accuracy = ownOption('distribution', type, 'accuracy', given.accuracy, ACCURACY, 0.01)
  const precision = ownOption('unique', type, 'precision', given.precision, PRECISION, 12)
  const zone = parseZone('zone', given.zone)
  const intervals = parseIntervals(given.intervals, zone)
  if ((isOfNumbers(type) || type === 'unique') && readFunc !== undefined)
    throw invalidOption('readFunc', `a ${type} takes no readFunc: it does not keep values; use a transform`)
  checkOption('readFunc', readFunc, FUNCTION)
  return { ...given, valueType, accuracy, precision, zone, intervals }
}

function parseValueType(type: TimeseriesType, valueType: unknown): ValueType | null {
  if (isOfNumbers(type)) {
    if (valueType !== undefined)
      throw invalidOption('valueType', `a ${type} takes no valueType: its values are numbers`)
    return null
  }
  if (valueType === undefined) return type === 'unique' ? 'string' : 'float'
  must(isValueType(valueType), 'valueType', `one of ${VALUE_TYPES.join(', ')}`, valueType)
  if ((type === 'histogram' || type === 'set') && !isKeyable(valueType)) {
    throw invalidOption(
      'valueType',
      `valueType must be short enough to be a key in a ${type}, not ${valueType}; use a series or a gauge`,
    )
  }
  return valueType
}

/** Types whose values are finite numbers, and do not come back one by one. */
function isOfNumbers(type: TimeseriesType): boolean {
  return type === 'count' || type === 'summary' || type === 'distribution'
}

/** An option that only one type has; null for the others. */
function ownOption(
  owner: TimeseriesType,
  type: TimeseriesType,
  path: string,
  value: unknown,
  rule: Rule,
  usual: number,
): number | null {
  if (type === owner) {
    checkOption(path, value, rule)
    return (value ?? usual) as number
  }
  if (value !== undefined) throw invalidOption(path, `${path} must be used with type: '${owner}', not with a ${type}`)
  return null
}

function parseIntervals(intervals: unknown, zone: string | undefined): CheckedInterval[] {
  const named = isRecord(intervals) ? Object.entries(intervals) : []
  if (named.length === 0) {
    const found = isRecord(intervals) ? 'an empty one' : describe(intervals)
    throw invalidOption('intervals', `intervals must be an object that names at least one interval, not ${found}`)
  }
  return named.map(([name, interval]) => parseInterval(name, interval, zone))
}

function parseInterval(name: string, interval: unknown, usualZone: string | undefined): CheckedInterval {
  const path = `intervals.${name}`
  const isName = name !== '' && name.isWellFormed()
  must(isName, path, 'a non-empty string of well-formed Unicode', name, '', 'the name of an interval')
  const prefix = `${path}.`
  const given = optionsBy<GivenInterval>(INTERVAL_OPTIONS, {}, interval, path, prefix)
  const step = stepAt(`${prefix}step`, given.step)
  const resolution = given.resolution === undefined ? null : stepAt(`${prefix}resolution`, given.resolution)
  must(
    resolution === null || fanOut(step, resolution) !== null,
    `${prefix}resolution`,
    `shorter than the step ${describe(step)} and divide each of its buckets`,
    resolution,
  )
  return {
    name,
    step,
    resolution,
    ...parseDays(step, given, prefix, usualZone),
    steps: given.steps ?? null,
  }
}
