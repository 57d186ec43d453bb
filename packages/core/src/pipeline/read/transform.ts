import { invalidOption } from '../../internal/invalid-option.ts'
import { isFunction, isObject, isRecord } from '../../internal/kinds.ts'
import { textOf } from '../../internal/text-of.ts'
import type { Settings } from '../../settings.ts'
import { type Transform, transformNamed } from '../../transforms/apply.ts'
import { applyToCounts, spell } from '../../transforms/apply-to-counts.ts'
import { isKnown, knownTransforms } from '../../transforms/names.ts'
import { type CountsTransform, planned } from '../../transforms/planned.ts'
import { unknownTransform } from '../../transforms/unknown.ts'
import type { Values } from '../../transforms/values.ts'

/** The caller's functions of a read; those that are functions make data of their own shape. */
export interface Shapers {
  readonly processRow: unknown
  readonly joinRows: unknown
  readonly condense: unknown
  readonly collapse: unknown
}

/**
 * The last stage of a read, from its option.
 * @throws KAIROS_UNKNOWN_TRANSFORM, KAIROS_INVALID_CONFIG
 */
export function transformOf(settings: Settings, shapers: Shapers, transform: unknown): Transform | undefined {
  if (transform === undefined) return undefined
  const one = maker(settings, shapers)
  if (Array.isArray(transform)) return many(Array.from(transform, (name: unknown) => [textOf(name), one(named(name))]))
  if (isRecord(transform) && !isCountsTransform(transform))
    return many(Object.entries(transform).map(([key, each]) => [key, one(each)]))
  return one(transform)
}

/** An object costs about three numbers plus its fields; what a function returns is known only later. */
export function transformCost(transform: unknown): number | undefined {
  if (isFunction(transform)) return 1
  if (typeof transform === 'string') return transform === 'rate' ? undefined : 1
  return isObject(transform) ? 3 + Object.keys(transform).length : undefined
}

/** A list takes only names: a function's result would have no key. */
function named(transform: unknown): unknown {
  if (isFunction(transform) || isCountsTransform(transform))
    throw invalidOption(
      'transform',
      'transform must hold only names where it is a list, not functions; give each function a key in an object',
    )
  return transform
}

function maker(settings: Settings, shapers: Shapers): (transform: unknown) => Transform {
  const { processRow, joinRows, condense, collapse } = shapers
  // The valueType describes the values only if no function of the caller changes them.
  const ownShape = [processRow, joinRows, condense, collapse].some(isFunction)
  const kind = settings.readFunc === undefined && !ownShape ? settings.kind : null
  const own = settings.rules.transforms
  const known = ownShape || own === undefined ? knownTransforms(settings.type, kind) : own.known
  const unknown = (name: unknown) => unknownTransform(name, known, whatOf(settings))
  let zero: 0 | 0n | undefined
  const sumOfNone = (): 0 | 0n => {
    zero ??= sumOfNoneOf(settings)
    return zero
  }
  const values: Values = { kind, stored: settings.kind, sumOfNone }
  return (transform) => {
    if (isFunction(transform)) return transform as Transform
    if (isCountsTransform(transform)) {
      const plan = transform[planned]
      if (settings.type !== 'histogram' && !ownShape) throw unknown(spell(plan))
      return (data) => applyToCounts(plan, data, values)
    }
    if (!isKnown(transform, known)) throw unknown(transform)
    if (own === undefined || !isKnown(transform, own.known)) return transformNamed(transform, values)
    const [ofOwn, ofValues] = [own.named(transform), transformNamed(transform, values)]
    const isOwn = (data: unknown): boolean => data === null || settings.rules.holds(data)
    return (data, seconds) => (isOwn(data) ? ofOwn(data, seconds) : ofValues(data, seconds))
  }
}

function isCountsTransform(transform: unknown): transform is CountsTransform {
  return isObject(transform) && planned in transform
}

/** 0n where values are bigints. What a readFunc returns is found by calling it with a sample value. */
function sumOfNoneOf({ kind, readFunc }: Settings): 0 | 0n {
  if (kind === null) return 0
  const bigint = kind.bigint ?? false
  if (readFunc === undefined) return bigint ? 0n : 0
  try {
    return typeof readFunc(kind.decode === undefined ? kind.sample : kind.decode(kind.sample)) === 'bigint' ? 0n : 0
  } catch {
    return bigint ? 0n : 0
  }
}

function whatOf({ type, valueType }: Settings): string {
  return valueType === null ? `a ${type}` : `a ${type} of ${valueType}`
}

function many(transforms: readonly (readonly [string, Transform])[]): Transform {
  return (data, seconds) => Object.fromEntries(transforms.map(([key, transform]) => [key, transform(data, seconds)]))
}
