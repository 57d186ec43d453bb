import { checkedMilliseconds, type OnRetry } from './calls/patience.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { isObject, isRecord } from './internal/kinds.ts'
import { compareCodeUnits } from './internal/order.ts'
import { intervalRecord, schemaRecord } from './records.ts'
import type { Interval, Settings } from './settings.ts'
import { fanOut } from './time/nesting.ts'
import { calculatorOf, parseStep, type Step, stepFault } from './time/step.ts'
import { harmless } from './toolkit/harmless.ts'
import { types } from './types/index.ts'
import { type ValueType, valueKinds } from './values/value-types.ts'

const CONFIG_KEYS = [
  'type',
  'intervals',
  'valueType',
  'readFunc',
  'writeFunc',
  'clientConfig',
  'now',
  'patience',
  'onRetry',
]
const INTERVAL_KEYS = ['step', 'steps', 'resolution']

/**
 * Checks a whole configuration.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function parseConfig(config: unknown): Settings {
  const { type, valueType, intervals, readFunc, writeFunc, clientConfig, now, patience, onRetry } = fieldsOf(
    config,
    CONFIG_KEYS,
    '',
  )
  if (!isKeyOf(types, type))
    throw invalid('type', `type must be one of ${Object.keys(types).join(', ')}, not ${describe(type)}`)
  const resolved = parseValueType(type, valueType)
  return {
    type,
    valueType: resolved,
    kind: resolved === null ? null : valueKinds[resolved],
    intervals: parseIntervals(intervals),
    readFunc: parseReadFunc(type, readFunc),
    writeFunc: optionalFunction<(value: unknown) => unknown>('writeFunc', writeFunc),
    clientConfig: optionalObject('clientConfig', clientConfig),
    now: optionalFunction<() => number>('now', now),
    patience: checkedMilliseconds('patience', patience, 1),
    onRetry: harmless('onRetry', optionalFunction<OnRetry>('onRetry', onRetry)),
    record: schemaRecord(type, resolved),
  }
}

function parseValueType(type: Settings['type'], valueType: unknown): ValueType | null {
  if (type === 'count') {
    if (valueType !== undefined) throw invalid('valueType', 'a count takes no valueType: it is a number')
    return null
  }
  if (valueType === undefined) return 'float'
  if (!isKeyOf(valueKinds, valueType)) {
    throw invalid(
      'valueType',
      `valueType must be one of ${Object.keys(valueKinds).join(', ')}, not ${describe(valueType)}`,
    )
  }
  if ((type === 'histogram' || type === 'set') && !valueKinds[valueType].keyable) {
    throw invalid(
      'valueType',
      `valueType must be short enough to be a key in a ${type}, not ${valueType}; use a series or a gauge`,
    )
  }
  return valueType
}

function parseReadFunc(type: Settings['type'], readFunc: unknown): Settings['readFunc'] {
  if (type === 'count' && readFunc !== undefined)
    throw invalid('readFunc', 'a count takes no readFunc: it is a number; use a transform')
  return optionalFunction<(value: unknown) => unknown>('readFunc', readFunc)
}

function parseIntervals(intervals: unknown): Interval[] {
  if (!isRecord(intervals) || Object.keys(intervals).length === 0) {
    const found = isRecord(intervals) ? 'an empty one' : describe(intervals)
    throw invalid('intervals', `intervals must be an object that names at least one interval, not ${found}`)
  }
  return Object.entries(intervals)
    .map(([name, interval]) => parseInterval(name, interval))
    .sort((a, b) => compareCodeUnits(a.name, b.name))
}

function parseInterval(name: string, interval: unknown): Interval {
  const path = `intervals.${name}`
  if (name === '' || !name.isWellFormed())
    throw invalid(
      path,
      `the name of an interval must be a non-empty string of well-formed Unicode, not ${describe(name)}`,
    )
  const { step, steps, resolution } = fieldsOf(interval, INTERVAL_KEYS, `${path}.`)
  const parsedStep = parseStepAt(`${path}.step`, step)
  const parsedResolution = resolution === undefined ? null : parseStepAt(`${path}.resolution`, resolution)
  if (steps !== undefined && !(Number.isSafeInteger(steps) && (steps as number) >= 1)) {
    throw invalid(`${path}.steps`, `steps must be an integer of at least 1, not ${describe(steps)}`)
  }
  return {
    name,
    buckets: calculatorOf(parsedStep),
    resolution: parsedResolution === null ? null : calculatorOf(parsedResolution),
    steps: (steps as number | undefined) ?? null,
    fanOut: parsedResolution === null ? 1 : fanOutAt(`${path}.resolution`, parsedStep, parsedResolution),
    record: intervalRecord(parsedStep, parsedResolution),
  }
}

function parseStepAt(path: string, value: unknown): Step {
  const step = parseStep(value)
  if (step === null) throw invalid(path, `${path} ${stepFault(value)}`)
  return step
}

function fanOutAt(path: string, step: Step, resolution: Step): number {
  const most = fanOut(step, resolution)
  if (most === null) {
    throw invalid(
      path,
      `${path} must be shorter than the step ${describe(step)} and divide each of its buckets, not ${describe(resolution)}`,
    )
  }
  return most
}

function fieldsOf(object: unknown, known: readonly string[], prefix: string): Readonly<Record<string, unknown>> {
  if (!isRecord(object)) {
    throw invalid(
      prefix.slice(0, -1),
      `${prefix.slice(0, -1) || 'the configuration'} must be an object, not ${describe(object)}`,
    )
  }
  for (const key of Object.keys(object)) {
    if (!known.includes(key))
      throw invalid(`${prefix}${key}`, `${prefix}${key} is not an option; known: ${known.join(', ')}`)
  }
  return object
}

function optionalFunction<F>(path: string, value: unknown): F | undefined {
  if (value !== undefined && typeof value !== 'function')
    throw invalid(path, `${path} must be a function, not ${describe(value)}`)
  return value as F | undefined
}

function optionalObject(path: string, value: unknown): object | undefined {
  if (value !== undefined && !isObject(value)) throw invalid(path, `${path} must be an object, not ${describe(value)}`)
  return value as object | undefined
}

function isKeyOf<T extends object>(table: T, key: unknown): key is keyof T {
  return typeof key === 'string' && Object.hasOwn(table, key)
}

function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}
