import { checkedMilliseconds, type OnRetry } from './calls/patience.ts'
import type { TimeseriesType } from './contract/cells.ts'
import { describe } from './internal/describe.ts'
import { invalidOption, must } from './internal/invalid-option.ts'
import { isFunction, isObject, isRecord } from './internal/kinds.ts'
import type { CheckedConfig, CheckedInterval } from './settings.ts'
import { fanOut } from './time/nesting.ts'
import { parseStep, type Step, stepFault } from './time/step.ts'
import { parseDays, parseZone } from './time/zone-option.ts'
import { ORIGINAL_TYPES } from './toolkit/original-types.ts'
import type { SketchSettings } from './types/index.ts'
import { isKeyable, isValueType, VALUE_TYPES, type ValueType } from './values/value-types.ts'

/** The types that core knows; `types/index.ts` says what they mean. */
const TYPES: readonly TimeseriesType[] = [...ORIGINAL_TYPES, 'summary', 'distribution', 'unique']

const CONFIG_KEYS = [
  'name',
  'zone',
  'type',
  'intervals',
  'valueType',
  'accuracy',
  'precision',
  'readFunc',
  'writeFunc',
  'clientConfig',
  'now',
  'patience',
  'onRetry',
  'sweep',
  'labels',
]
const INTERVAL_KEYS = ['step', 'steps', 'resolution', 'zone', 'offset']

/**
 * Checks a whole configuration.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function parseConfig(config: unknown): CheckedConfig {
  const {
    name,
    zone,
    type,
    valueType,
    accuracy,
    precision,
    intervals,
    readFunc,
    writeFunc,
    clientConfig,
    now,
    patience,
    onRetry,
    sweep = true,
    labels,
  } = fieldsOf(config, CONFIG_KEYS, '')
  must(isType(type), 'type', `one of ${TYPES.join(', ')}`, type)
  must(labels === undefined || Array.isArray(labels), 'labels', 'a list', labels)
  must(typeof sweep === 'boolean', 'sweep', 'true or false', sweep)
  const schema = { type, valueType: parseValueType(type, valueType), ...parseSketch(type, accuracy, precision) }
  const ownZone = parseZone('zone', zone)
  return {
    name: parseName(name),
    ...schema,
    zone: ownZone,
    intervals: parseIntervals(intervals, ownZone),
    readFunc: parseReadFunc(type, readFunc),
    writeFunc: optional<(value: unknown) => unknown>('writeFunc', writeFunc, 'a function'),
    clientConfig: optional<object>('clientConfig', clientConfig, 'an object'),
    now: optional<() => number>('now', now, 'a function'),
    patience: checkedMilliseconds('patience', patience, 1),
    onRetry: optional<OnRetry>('onRetry', onRetry, 'a function'),
    sweep,
    labels,
  }
}

/** Letters that every store's identifiers can hold, in some spelling. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/

function parseName(name: unknown): string | undefined {
  must(
    name === undefined || (typeof name === 'string' && NAME.test(name)),
    'name',
    '1 to 100 of the characters A-Z a-z 0-9 _ . -, a letter first',
    name,
  )
  return name
}

function parseValueType(type: CheckedConfig['type'], valueType: unknown): ValueType | null {
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

function parseSketch(type: TimeseriesType, accuracy: unknown, precision: unknown): SketchSettings {
  return {
    accuracy: onlyOf('distribution', type, 'accuracy', accuracy) ? parseAccuracy(accuracy) : null,
    precision: onlyOf('unique', type, 'precision', precision) ? parsePrecision(precision) : null,
  }
}

/** Whether the timeseries is of the type that has the option. */
function onlyOf(owner: TimeseriesType, type: TimeseriesType, path: string, value: unknown): boolean {
  if (type !== owner && value !== undefined)
    throw invalidOption(path, `${path} must be used with type: '${owner}', not with a ${type}`)
  return type === owner
}

function parseAccuracy(accuracy: unknown = 0.01): number {
  must(
    typeof accuracy === 'number' && accuracy >= 0.001 && accuracy <= 0.1,
    'accuracy',
    'a number from 0.001 to 0.1',
    accuracy,
  )
  return accuracy
}

function parsePrecision(precision: unknown = 12): number {
  must(isWhole(precision) && precision >= 8 && precision <= 16, 'precision', 'a whole number from 8 to 16', precision)
  return precision
}

function parseReadFunc(type: CheckedConfig['type'], readFunc: unknown): CheckedConfig['readFunc'] {
  if ((isOfNumbers(type) || type === 'unique') && readFunc !== undefined)
    throw invalidOption('readFunc', `a ${type} takes no readFunc: it does not keep values; use a transform`)
  return optional<(value: unknown) => unknown>('readFunc', readFunc, 'a function')
}

function parseIntervals(intervals: unknown, zone: string | undefined): CheckedInterval[] {
  if (!isRecord(intervals) || Object.keys(intervals).length === 0) {
    const found = isRecord(intervals) ? 'an empty one' : describe(intervals)
    throw invalidOption('intervals', `intervals must be an object that names at least one interval, not ${found}`)
  }
  return Object.entries(intervals).map(([name, interval]) => parseInterval(name, interval, zone))
}

function parseInterval(name: string, interval: unknown, defaultZone: string | undefined): CheckedInterval {
  const path = `intervals.${name}`
  if (name === '' || !name.isWellFormed())
    throw invalidOption(
      path,
      `the name of an interval must be a non-empty string of well-formed Unicode, not ${describe(name)}`,
    )
  const { step, steps, resolution, ...own } = fieldsOf(interval, INTERVAL_KEYS, `${path}.`)
  const parsedStep = parseStepAt(`${path}.step`, step)
  const parsedResolution = resolution === undefined ? null : parseStepAt(`${path}.resolution`, resolution)
  if (parsedResolution !== null) checkNesting(`${path}.resolution`, parsedStep, parsedResolution)
  must(steps === undefined || (isWhole(steps) && steps >= 1), `${path}.steps`, 'an integer of at least 1', steps)
  return {
    name,
    step: parsedStep,
    resolution: parsedResolution,
    ...parseDays(parsedStep, own, `${path}.`, defaultZone),
    steps: steps ?? null,
  }
}

function parseStepAt(path: string, value: unknown): Step {
  const step = parseStep(value)
  if (step === null) throw invalidOption(path, `${path} ${stepFault(value)}`)
  return step
}

function checkNesting(path: string, step: Step, resolution: Step): void {
  must(
    fanOut(step, resolution) !== null,
    path,
    `shorter than the step ${describe(step)} and divide each of its buckets`,
    resolution,
  )
}

function fieldsOf(object: unknown, known: readonly string[], prefix: string): Readonly<Record<string, unknown>> {
  if (!isRecord(object)) {
    throw invalidOption(
      prefix.slice(0, -1),
      `${prefix.slice(0, -1) || 'the configuration'} must be an object, not ${describe(object)}`,
    )
  }
  for (const key of Object.keys(object)) {
    if (!known.includes(key))
      throw invalidOption(`${prefix}${key}`, `${prefix}${key} is not an option; known: ${known.join(', ')}`)
  }
  return object
}

function optional<T>(path: string, value: unknown, expected: 'a function' | 'an object'): T | undefined {
  must(value === undefined || (expected === 'a function' ? isFunction(value) : isObject(value)), path, expected, value)
  return value as T | undefined
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isType(type: unknown): type is TimeseriesType {
  return (TYPES as readonly unknown[]).includes(type)
}
